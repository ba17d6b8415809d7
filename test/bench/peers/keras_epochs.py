"""Whole epochs of Keras model.fit on the notebook's network.

Prints one line of JSON: seconds and test accuracy of each epoch. Data is in
memory and the step is traced before it is timed; evaluation is not timed.
"""
import argparse
import json
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("files", nargs=4)
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--batch", type=int, default=256)
parser.add_argument("--rate", type=float, default=0.001)
parser.add_argument("--schedule", choices=["constant", "cosine"], default="constant")
parser.add_argument("--steps-per-execution", type=int, default=1)
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
keras.utils.set_random_seed(options.seed)


def images(path):
    pixels = np.fromfile(path, np.uint8, offset=16).reshape(-1, 28, 28, 1)
    return pixels.astype(np.float32) / 255


def labels(path):
    return np.fromfile(path, np.uint8, offset=8).astype(np.int32)


x, y, test_x, test_y = (
    (images, labels)[i % 2](path) for i, path in enumerate(options.files)
)
steps = options.epochs * -(-len(x) // options.batch)
rate = options.rate
if options.schedule == "cosine":
    warmup = steps // 10
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=options.rate, warmup_steps=warmup
    )
model = keras.Sequential([
    keras.layers.Input((28, 28, 1)),
    keras.layers.Conv2D(28, 3),
    keras.layers.MaxPooling2D(2),
    keras.layers.Flatten(),
    keras.layers.Dense(128, activation="relu"),
    keras.layers.Dropout(0.2),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(
    optimizer=keras.optimizers.Adam(rate),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
    steps_per_execution=options.steps_per_execution,
)


class Watch(keras.callbacks.Callback):
    """Times epochs; the evaluation after each is not in it."""

    def __init__(self):
        super().__init__()
        self.seconds, self.accuracies = [], []

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.start)
        result = self.model.evaluate(test_x, test_y, batch_size=500, verbose=0)
        self.accuracies.append(result[1])


# trains on a few steps, so that everything is traced, and takes them back
model.optimizer.build(model.trainable_variables)
variables = model.variables + model.optimizer.variables
start_values = [variable.numpy() for variable in variables]
few = 2 * options.steps_per_execution * options.batch
model.fit(x[:few], y[:few], batch_size=options.batch, verbose=0)
for variable, value in zip(variables, start_values):
    variable.assign(value)
watch = Watch()
model.fit(
    x, y, batch_size=options.batch, epochs=options.epochs, verbose=0, callbacks=[watch]
)
version = f"Keras {keras.__version__}, TensorFlow {tf.__version__}"
print(json.dumps({
    "version": version, "seconds": watch.seconds, "accuracies": watch.accuracies
}))
