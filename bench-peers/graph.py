"""The network as one unrolled ONNX graph, with the weights of a run's checkpoint.

Batch norm is folded, the sizes are fixed, the first step starts from constants, gates that share a function lie side by
side: what a careful export would give. Feature maps are laid out (image, row, channel * column), so that a glimpse is two
matrix products.
"""

import tomllib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

BATCH_NORM_EPSILON = 1e-5


class Run:
    """Weights and sizes of a run's folder."""

    def __init__(self, folder: Path):
        self.sizes = tomllib.loads((folder / "config.toml").read_text())["model"]
        self.weights = load_file(folder / "best.safetensors")
        self.side = self.sizes["image_side"]
        self.channels = 1
        for layer in self.sizes.get("stem", []):
            if "residual" in layer:
                raise SystemExit("the graph has no residual blocks: take a network with plain convolutions")
            self.side = -(-self.side // layer["stride"])
            self.channels = layer["channels"]


class Graph:
    """Collects the nodes of a graph; each method returns the name of what it computes."""

    def __init__(self, run: Run):
        self.run, self.nodes, self.constants, self.inputs = run, [], {}, []

    def op(self, kind: str, *inputs: str, outputs: int = 1, **attributes):
        names = [f"{kind}_{len(self.nodes)}_{k}" for k in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, name: str, value) -> str:
        value = np.asarray(value)
        self.constants[name] = value.astype(np.int64 if value.dtype.kind == "i" else np.float32)
        return name

    def weight(self, name: str) -> str:
        """A matrix of the checkpoint, turned for `x @ W`."""
        return self.constant(name, self.run.weights[name].T)

    def input(self, name: str, *shape: int) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def reshape(self, x: str, *shape: int) -> str:
        return self.op("Reshape", x, self.constant("shape_" + "_".join(map(str, shape)), shape))

    def linear(self, x: str, weight: str, bias: str) -> str:
        return self.op("Add", self.op("MatMul", x, weight), self.constant(bias, self.run.weights[bias]))

    def split(self, x: str, axis: int, *sizes: int):
        lengths = self.constant("split_" + "_".join(map(str, sizes)), sizes)
        return self.op("Split", x, lengths, outputs=len(sizes), axis=axis)

    def model(self, output: str, *shape: int) -> onnx.ModelProto:
        constants = [numpy_helper.from_array(value, name) for name, value in self.constants.items()]
        result = helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)
        graph = helper.make_graph(self.nodes, "arc", self.inputs, [result], constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model

    def features(self, images: str, count: int) -> str:
        """Feature maps of images (count, side, side)."""
        run = self.run
        layers = run.sizes.get("stem", [])
        if not layers:
            return images
        x = self.reshape(images, count, 1, run.sizes["image_side"], run.sizes["image_side"])
        for k, layer in enumerate(layers):
            part = lambda name: run.weights[f"stem.{k}.{name}"]
            gain = part("bn.weight") / np.sqrt(part("bn.var") + BATCH_NORM_EPSILON)
            kernel = self.constant(f"kernel_{k}", part("weight") * gain[:, None, None, None])
            bias = self.constant(f"bias_{k}", part("bn.bias") - part("bn.mean") * gain)
            x = self.op("Conv", x, kernel, bias, strides=[layer["stride"]] * 2, pads=[1] * 4)
            x = self.op("Relu", x)
        x = self.op("Transpose", x, perm=[0, 2, 1, 3])
        return self.reshape(x, count, run.side, run.channels * run.side)

    def filters(self, gaze: str, count: int):
        """Cauchy filters of both axes, (count, N, S) each, of gazes (count, 3) after tanh."""
        side, n = self.run.side, self.run.sizes["glimpse_side"]
        one, minus_two = self.constant("one", 1.0), self.constant("minus_two", -2.0)
        centers, d = self.split(gaze, 1, 2, 1)
        zoom = self.op("Abs", d)
        centers = self.op("Mul", self.op("Add", centers, one), self.constant("half_side", (side - 1) / 2))
        spacing = self.op("Mul", self.op("Sub", one, zoom), self.constant("spacing", side / n))
        gamma = self.op("Exp", self.op("Add", self.op("Mul", zoom, minus_two), one))
        gamma = self.reshape(gamma, count, 1, 1)
        over_gamma = self.op("Reciprocal", gamma)
        offsets = self.constant("offsets", np.arange(n) - (n - 1) / 2)
        spread = self.op("Mul", self.reshape(spacing, count, 1, 1), offsets)
        means = self.op("Add", self.reshape(centers, count, 2, 1), spread)
        distance = self.op("Sub", self.constant("places", np.arange(float(side))), self.reshape(means, count, 2 * n, 1))
        distance = self.op("Mul", distance, over_gamma)
        density = self.op("Reciprocal", self.op("Add", self.op("Mul", distance, distance), one))
        total = self.op("ReduceSum", density, self.constant("last", [-1]), keepdims=1)
        rest = self.op("Mul", gamma, self.constant("rest", 1e-4 * np.pi))
        over_total = self.op("Reciprocal", self.op("Add", total, rest))
        return self.split(self.op("Mul", density, over_total), 1, n, n)

    def glimpse(self, maps: str, shared: bool, gaze: str, count: int) -> str:
        """Glimpses (count, N * channels * N) of the maps, or of one map that all of them share."""
        run, n = self.run, self.run.sizes["glimpse_side"]
        rows, columns = self.filters(gaze, count)
        if shared:
            rows = self.reshape(rows, 1, count * n, run.side)
        band = self.reshape(self.op("MatMul", rows, maps), count, n * run.channels, run.side)
        seen = self.op("MatMul", band, self.op("Transpose", columns, perm=[0, 2, 1]))
        return self.reshape(seen, count, n * run.channels * n)

    def step(self, glimpse: str, state):
        """The LSTM: gates in the order input, forget, output, candidate, so that three share a sigmoid."""
        hidden = self.run.sizes["hidden"]
        turned = lambda w: np.concatenate([w[: 2 * hidden], w[3 * hidden :], w[2 * hidden : 3 * hidden]]).T
        weight = lambda name: turned(self.run.weights["lstm." + name])
        if state is None:
            sums = self.op("MatMul", glimpse, self.constant("lstm.first", weight("weight_x")))
        else:
            both = np.concatenate([weight("weight_x"), weight("weight_h")])
            sums = self.op("MatMul", self.op("Concat", glimpse, state[0], axis=1), self.constant("lstm.gates", both))
        sums = self.op("Add", sums, self.constant("lstm.bias", weight("bias")))
        gates, candidate = self.split(sums, 1, 3 * hidden, hidden)
        i, f, o = self.split(self.op("Sigmoid", gates), 1, hidden, hidden, hidden)
        cell = self.op("Mul", i, self.op("Tanh", candidate))
        if state is not None:
            cell = self.op("Add", cell, self.op("Mul", f, state[1]))
        return self.op("Mul", o, self.op("Tanh", cell)), cell

    def logits(self, probes: str, supports: str, count: int, one_probe: bool) -> str:
        """Logits (count) of pairs, which may all have the one probe."""
        weights, hidden = self.run.weights, self.run.sizes["hidden"]
        start = self.constant("start", np.tanh(weights["attention.bias"])[None].repeat(1 if one_probe else count, 0))
        first = 1 if one_probe else count
        state = self.step(self.glimpse(probes, False, start, first), None)
        if one_probe:
            shape = self.constant("spread", [count, hidden])
            state = [self.op("Expand", part, shape) for part in state]
        for k in range(1, 2 * self.run.sizes["glimpses"]):
            gaze = self.op("Tanh", self.linear(state[0], self.weight("attention.weight"), "attention.bias"))
            maps, shared = (supports, False) if k % 2 else (probes, one_probe)
            state = self.step(self.glimpse(maps, shared, gaze, count), state)
        units = self.op("Relu", self.linear(state[0], self.weight("head.hidden.weight"), "head.hidden.bias"))
        return self.reshape(self.linear(units, self.weight("head.logit.weight"), "head.logit.bias"), count)


def features(run: Run, count: int) -> onnx.ModelProto:
    """Images to features, to be kept."""
    graph, side = Graph(run), run.sizes["image_side"]
    maps = graph.features(graph.input("images", count, side, side), count)
    return graph.model(maps, count, run.side, run.channels * run.side)


def question(run: Run, kind: str, count: int) -> onnx.ModelProto:
    """Pairs of images, or one image and the features of its supports, to logits."""
    graph, side = Graph(run), run.sizes["image_side"]
    if kind == "pairs":
        probes, supports = [graph.input(name, count, side, side) for name in ("probes", "supports")]
        probes, supports = graph.features(probes, count), graph.features(supports, count)
    else:
        probes = graph.features(graph.input("probe", 1, side, side), 1)
        supports = graph.input("supports", count, run.side, run.channels * run.side)
    return graph.model(graph.logits(probes, supports, count, kind == "identify"), count)
