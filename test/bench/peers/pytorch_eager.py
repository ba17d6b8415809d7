"""PyTorch, eager mode, on the notebook's network, as a contender.

A question is {"batch", "steps"}, an answer {"seconds", "cpuSeconds"}. Data is
in memory; batches are slices of it, without a data loader.
"""
import json
import os
import sys
import time

import numpy as np
import torch
from torch import nn

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

images, labels = sys.argv[1:3]
x = np.fromfile(images, np.uint8, offset=16).reshape(-1, 1, 28, 28)
x = torch.from_numpy(x.astype(np.float32) / 255)
y = torch.from_numpy(np.fromfile(labels, np.uint8, offset=8).astype(np.int64))

model = nn.Sequential(
    nn.Conv2d(1, 28, 3),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(28 * 13 * 13, 128),
    nn.ReLU(),
    nn.Dropout(0.2),
    nn.Linear(128, 10),
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
loss = nn.CrossEntropyLoss()
print(json.dumps({"version": f"PyTorch {torch.__version__}"}), flush=True)
for line in sys.stdin:
    question = json.loads(line)
    batch = question["batch"]
    start, cpu_start = time.perf_counter(), time.process_time()
    for i in range(question["steps"]):
        begin = i * batch
        optimizer.zero_grad()
        loss(model(x[begin:begin + batch]), y[begin:begin + batch]).backward()
        optimizer.step()
    seconds = time.perf_counter() - start
    cpu_seconds = time.process_time() - cpu_start
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds}), flush=True)
