"""Keras model.fit on the notebook's network, as a contender.

A question is {"batch", "steps"}, an answer {"seconds", "cpuSeconds"}. Data is
in memory and the step is traced before it is timed.
"""
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf

threads = int(os.environ["TF_NUM_INTRAOP_THREADS"])
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)

images, labels = sys.argv[1:3]
x = np.fromfile(images, np.uint8, offset=16).reshape(-1, 28, 28, 1)
x = x.astype(np.float32) / 255
y = np.fromfile(labels, np.uint8, offset=8).astype(np.int32)

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
    optimizer=keras.optimizers.Adam(0.001),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
    steps_per_execution=8,
)
print(json.dumps({"version": f"Keras {keras.__version__}, TensorFlow {tf.__version__}"}), flush=True)
for line in sys.stdin:
    question = json.loads(line)
    batch, count = question["batch"], question["batch"] * question["steps"]
    start, cpu_start = time.perf_counter(), time.process_time()
    model.fit(x[:count], y[:count], batch_size=batch, epochs=1, verbose=0)
    seconds = time.perf_counter() - start
    cpu_seconds = time.process_time() - cpu_start
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds}), flush=True)
