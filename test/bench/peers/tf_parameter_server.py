"""Whole epochs of TensorFlow's ParameterServerStrategy, asynchronous.

One parameter server and two workers in processes of their own, the
coordinator in this one. Prints one line of JSON: seconds of each epoch.
"""
import argparse
import json
import multiprocessing
import os
import socket
import threading
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
WORKERS = 2


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs=4)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=128)
    return parser.parse_args()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent():
    multiprocessing.parent_process().join()
    os._exit(1)


def serve(spec, job, index):
    threading.Thread(target=end_with_parent, daemon=True).start()
    import tensorflow as tf

    config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=1, inter_op_parallelism_threads=2
    )
    tf.distribute.Server(
        tf.train.ClusterSpec(spec), job, index, protocol="grpc", config=config
    ).join()


def train(options, spec):
    import keras
    import numpy as np
    import tensorflow as tf

    images, labels = options.files[:2]
    pixels = np.fromfile(images, np.uint8, offset=16).reshape(-1, 28, 28, 1)
    x = pixels.astype(np.float32) / 255
    y = np.fromfile(labels, np.uint8, offset=8).astype(np.int32)
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec(spec), rpc_layer="grpc"
    )
    strategy = tf.distribute.ParameterServerStrategy(resolver)
    coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)
    with strategy.scope():
        model = keras.Sequential([
            keras.layers.Input((28, 28, 1)),
            keras.layers.Conv2D(28, 3),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10),
        ])
        optimizer = keras.optimizers.Adam(0.001)
        optimizer.build(model.trainable_variables)

    def dataset():
        data = tf.data.Dataset.from_tensor_slices((x, y))
        return data.shuffle(60_000).repeat().batch(options.batch).prefetch(2)

    @tf.function
    def step(iterator):
        def replica(batch):
            inputs, targets = batch
            with tf.GradientTape() as tape:
                logits = model(inputs, training=True)
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)
                )
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
            return loss

        return strategy.run(replica, args=(next(iterator),))

    iterator = iter(coordinator.create_per_worker_dataset(dataset))
    seconds = []
    for _ in range(options.epochs):
        start = time.perf_counter()
        for _ in range(len(x) // options.batch):
            coordinator.schedule(step, args=(iterator,))
        coordinator.join()
        seconds.append(time.perf_counter() - start)
    version = f"TensorFlow {tf.__version__} ParameterServerStrategy"
    print(json.dumps({"version": version, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    given = parse()
    cluster = {
        "ps": [f"127.0.0.1:{free_port()}"],
        "worker": [f"127.0.0.1:{free_port()}" for _ in range(WORKERS)],
    }
    context = multiprocessing.get_context("spawn")
    servers = [
        context.Process(target=serve, args=(cluster, job, index), daemon=True)
        for job, places in cluster.items()
        for index in range(len(places))
    ]
    for server in servers:
        server.start()
    try:
        train(given, cluster)
    finally:
        for server in servers:
            server.kill()
    os._exit(0)
