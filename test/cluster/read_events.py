"""Reads a folder of events as TensorBoard itself does; prints JSON.

    python3 read_events.py FOLDER
"""

import json
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

everything = {"scalars": 0, "histograms": 0, "images": 0}
events = EventAccumulator(sys.argv[1], size_guidance=everything).Reload()
tags = events.Tags()
print(
    json.dumps(
        {
            "scalars": {
                tag: [[e.step, e.value, e.wall_time] for e in events.Scalars(tag)]
                for tag in tags["scalars"]
            },
            "histograms": {
                tag: [
                    {
                        "step": e.step,
                        "min": e.histogram_value.min,
                        "max": e.histogram_value.max,
                        "num": e.histogram_value.num,
                        "sum": e.histogram_value.sum,
                        "limits": list(e.histogram_value.bucket_limit),
                        "counts": list(e.histogram_value.bucket),
                    }
                    for e in events.Histograms(tag)
                ]
                for tag in tags["histograms"]
            },
            "images": {
                tag: [
                    {
                        "step": e.step,
                        "width": e.width,
                        "height": e.height,
                        "png": e.encoded_image_string.hex(),
                    }
                    for e in events.Images(tag)
                ]
                for tag in tags["images"]
            },
        }
    )
)
