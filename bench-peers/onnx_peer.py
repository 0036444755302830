"""ONNX Runtime, as a process that answers on stdin and stdout like src/main.rs.

    onnx_peer.py build FOLDER QUESTION       writes the graphs: f32, and with dynamically quantized matrices
    onnx_peer.py f32|int8 FOLDER QUESTION    answers `logits` and `time` on one thread
"""

import logging
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort

import graph

SLICE = 0.25  # seconds


def build(folder: Path, name: str):
    from onnxruntime.quantization import QuantType, quantize_dynamic

    run = graph.Run(folder / "run")
    kind, count = name.split("-")
    file = folder / f"{name}.onnx"
    onnx.save(graph.question(run, kind, int(count)), file)
    if kind == "identify":
        onnx.save(graph.features(run, int(count)), folder / "features.onnx")
    logging.disable(logging.WARNING)  # the graph is simplified as it is
    # Matrices alone: convolutions in its integers are slower than in f32.
    quantize_dynamic(file, folder / f"{name}-int8.onnx", op_types_to_quantize=["MatMul"], weight_type=QuantType.QInt8)


def session(file: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    return ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def answer(folder: Path, name: str, suffix: str):
    side = graph.Run(folder / "run").sizes["image_side"]
    images = np.fromfile(folder / "images.bin", np.int8).reshape(-1, side, side).astype(np.float32) / 127
    kind, count = name.split("-")
    pick = lambda numbers: np.ascontiguousarray(images[[k % len(images) for k in numbers]])
    probes = pick(range(int(count) if kind == "pairs" else 1))
    supports = pick([7 * k + 1 for k in range(int(count))])
    if kind == "identify":
        supports = session(folder / "features.onnx").run(None, {"images": supports})[0]
    compiled = session(folder / f"{name}{suffix}.onnx")
    feed = dict(zip([i.name for i in compiled.get_inputs()], [probes, supports]))
    return lambda: compiled.run(None, feed)[0]


def rate(ask) -> float:
    ask()
    start, pairs = time.perf_counter(), 0
    while time.perf_counter() - start < SLICE:
        pairs += len(ask())
    return pairs / (time.perf_counter() - start)


def main():
    what, folder, name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    if what == "build":
        return build(folder, name)
    ask = answer(folder, name, {"f32": "", "int8": "-int8"}[what])
    for line in sys.stdin:
        replies = {"logits": lambda: " ".join(map(str, ask())), "time": lambda: str(rate(ask))}
        print(replies[line.strip()](), flush=True)


if __name__ == "__main__":
    main()
