"""Whole epochs of PyTorch's DistributedDataParallel over gloo, two processes.

Prints one line of JSON: seconds and test accuracy of each epoch. Data is in
memory, each process has half of every epoch's permutation; evaluation is not
timed.
"""
import argparse
import json
import math
import multiprocessing
import os
import tempfile
import threading
import time

import numpy as np
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

PROCESSES = 2


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs=4)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=128, help="of one process")
    parser.add_argument("--rate", type=float, default=0.001)
    parser.add_argument("--schedule", choices=["constant", "cosine"], default="constant")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def load(files):
    parts = []
    for i, path in enumerate(files):
        if i % 2 == 0:
            pixels = np.fromfile(path, np.uint8, offset=16).reshape(-1, 1, 28, 28)
            parts.append(torch.from_numpy(pixels.astype(np.float32) / 255))
        else:
            values = np.fromfile(path, np.uint8, offset=8).astype(np.int64)
            parts.append(torch.from_numpy(values))
    return parts


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        right = sum(
            (model(x[i:i + 500]).argmax(1) == y[i:i + 500]).sum().item()
            for i in range(0, len(x), 500)
        )
    model.train()
    return right / len(x)


def end_with_parent():
    multiprocessing.parent_process().join()
    os._exit(1)


def work(rank, options, meeting):
    threading.Thread(target=end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    dist.init_process_group(
        "gloo", init_method=f"file://{meeting}", rank=rank, world_size=PROCESSES
    )
    torch.manual_seed(options.seed)
    x, y, test_x, test_y = load(options.files)
    network = nn.Sequential(
        nn.Conv2d(1, 28, 3),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(28 * 13 * 13, 128),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(128, 10),
    )
    model = DistributedDataParallel(network)
    optimizer = torch.optim.Adam(model.parameters(), lr=options.rate)
    loss = nn.CrossEntropyLoss()
    share = len(x) // PROCESSES
    steps = options.epochs * math.ceil(share / options.batch)

    def factor(step):
        if options.schedule == "constant":
            return 1.0
        warmup = steps // 10
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
    seconds, accuracies = [], []
    for epoch in range(options.epochs):
        generator = torch.Generator().manual_seed(1000 * options.seed + epoch)
        order = torch.randperm(len(x), generator=generator)
        own = order[rank::PROCESSES]
        dist.barrier()
        start = time.perf_counter()
        for begin in range(0, share, options.batch):
            chosen = own[begin:begin + options.batch]
            optimizer.zero_grad()
            loss(model(x[chosen]), y[chosen]).backward()
            optimizer.step()
            scheduler.step()
        dist.barrier()
        seconds.append(time.perf_counter() - start)
        if rank == 0:
            accuracies.append(accuracy(network, test_x, test_y))
        dist.barrier()
    if rank == 0:
        version = f"PyTorch {torch.__version__}"
        print(json.dumps({"version": version, "seconds": seconds, "accuracies": accuracies}))
    dist.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        meeting = os.path.join(folder, "meeting")
        torch.multiprocessing.spawn(work, (parse(), meeting), nprocs=PROCESSES)
