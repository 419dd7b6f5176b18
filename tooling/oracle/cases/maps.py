"""Elementwise ops at ordinary points: broadcasting, number operands, parameters."""

import torch
import torch.nn.functional as F

from .inputs import mask, normal, signed, uniform, values
from .suite import UNDEFINED, Suite


def hardsigmoid(x):
    """hardsigmoid, whose own gradient multiplies by a 1/6 of float32 precision."""
    return F.relu6(x + 3) / 6


UNARY = {
    "neg": (torch.neg, -3, 3),
    "abs": (torch.abs, -3, 3),
    "sign": (torch.sign, -3, 3),
    "exp": (torch.exp, -3, 3),
    "expm1": (torch.expm1, -2, 2),
    "log": (torch.log, 0.1, 4),
    "log1p": (torch.log1p, -0.8, 3),
    "log2": (torch.log2, 0.1, 4),
    "log10": (torch.log10, 0.1, 4),
    "sqrt": (torch.sqrt, 0.1, 4),
    "rsqrt": (torch.rsqrt, 0.1, 4),
    "square": (torch.square, -3, 3),
    "reciprocal": (torch.reciprocal, 0.25, 3),
    "sin": (torch.sin, -6, 6),
    "cos": (torch.cos, -6, 6),
    "tan": (torch.tan, -1.25, 1.25),
    "asin": (torch.asin, -0.9, 0.9),
    "acos": (torch.acos, -0.9, 0.9),
    "atan": (torch.atan, -4, 4),
    "sinh": (torch.sinh, -3, 3),
    "cosh": (torch.cosh, -3, 3),
    "tanh": (torch.tanh, -3, 3),
    "erf": (torch.erf, -2.5, 2.5),
    "floor": (torch.floor, -3, 3),
    "ceil": (torch.ceil, -3, 3),
    "round": (torch.round, -3, 3),
    "trunc": (torch.trunc, -3, 3),
    "sigmoid": (torch.sigmoid, -5, 5),
    "relu": (torch.relu, -3, 3),
    "relu6": (F.relu6, -3, 9),
    "leakyRelu": (F.leaky_relu, -3, 3),
    "elu": (F.elu, -3, 3),
    "selu": (F.selu, -3, 3),
    "celu": (F.celu, -3, 3),
    "gelu": (F.gelu, -4, 4),
    "silu": (F.silu, -5, 5),
    "mish": (F.mish, -5, 5),
    "softplus": (F.softplus, -5, 5),
    "softsign": (F.softsign, -3, 3),
    "hardtanh": (F.hardtanh, -2, 2),
    "hardsigmoid": (hardsigmoid, -5, 5),
    "hardswish": (F.hardswish, -5, 5),
    "logSigmoid": (F.logsigmoid, -5, 5),
}

ALIKE = (((2, 3), (2, 3)), ((3, 1), (4,)), ((), (2, 2)), ((2, 1, 3), (4, 1)), ((2, 2), ()))


def maps() -> Suite:
    suite = Suite("maps")
    for op, (function, low, high) in UNARY.items():
        suite.add(op, function, uniform(low, high, 2, 3))
        suite.add(op, function, uniform(low, high))
    add_binary(suite)
    add_numbers(suite)
    add_parameters(suite)
    add_clamp(suite)
    add_choice(suite)
    return suite


def extremum(function):
    """maximum or minimum with a number on the right, which PyTorch needs as a tensor."""
    return lambda a, b: function(a, torch.as_tensor(b, dtype=a.dtype))


def add_binary(suite: Suite) -> None:
    arithmetic = {"add": torch.add, "sub": torch.sub, "mul": torch.mul}
    extrema = {"maximum": torch.maximum, "minimum": torch.minimum}
    for a, b in ALIKE:
        for op, function in {**arithmetic, **extrema}.items():
            suite.add(op, function, normal(*a), normal(*b))
        suite.add("div", torch.div, normal(*a), signed(0.5, 3, *b))
        suite.add("pow", torch.pow, uniform(0.25, 3, *a), normal(*b))
        suite.add("atan2", torch.atan2, signed(0.25, 3, *a), signed(0.25, 3, *b))
        suite.add("remainder", torch.remainder, signed(0.5, 8, *a), signed(0.75, 2.5, *b))
        suite.add("lerp", torch.lerp, normal(*a), normal(*b), 0.3)
    suite.add("lerp", torch.lerp, normal(2, 3), normal(2, 3), uniform(-0.5, 1.5, 2, 3))
    suite.add("lerp", torch.lerp, normal(3, 1), normal(4), uniform(0, 1, 2, 1, 1))
    suite.add("lerp", torch.lerp, normal(2, 3), normal(2, 3), 0.75)


def add_numbers(suite: Suite) -> None:
    for op, function in {"add": torch.add, "sub": torch.sub, "mul": torch.mul}.items():
        suite.add(op, function, normal(2, 3), 0.5)
        suite.add(op, function, normal(), -2)
    suite.add("div", torch.div, normal(2, 3), 4)
    suite.add("div", torch.div, normal(2, 3), -0.3)
    for exponent in (2, 3, 1, 0, -1, -2):
        suite.add("pow", torch.pow, signed(0.25, 3, 2, 3), exponent)
    for exponent in (3.5, 0.5, -0.5, -1.5, 2.0001):
        suite.add("pow", torch.pow, uniform(0.25, 3, 2, 3), exponent)
    suite.add("atan2", lambda y, x: torch.atan2(y, torch.full_like(y, x)), normal(2, 3), 1.5)
    for divisor in (1.5, -1.5, 3):
        suite.add("remainder", torch.remainder, signed(0.5, 8, 2, 3), divisor)
    suite.add("maximum", extremum(torch.maximum), normal(2, 3), 0.25)
    suite.add("minimum", extremum(torch.minimum), normal(2, 3), 0.25)


def add_parameters(suite: Suite) -> None:
    x = uniform(-4, 4, 2, 4)
    suite.add("leakyRelu", F.leaky_relu, x, 0.2)
    suite.add("leakyRelu", F.leaky_relu, x, -0.5)
    suite.add("elu", F.elu, x, 1.5)
    suite.add("celu", F.celu, x, 0.5)
    suite.add("celu", F.celu, x, 2)
    suite.add("hardtanh", F.hardtanh, x, -0.5, 2)
    suite.add("softplus", F.softplus, x, {"beta": 2})
    suite.add("softplus", F.softplus, x, {"beta": 0.5, "threshold": 1})
    suite.add("softplus", F.softplus, x, {"threshold": 2})
    suite.add("gelu", F.gelu, x, {"approximate": "none"})
    suite.add("gelu", F.gelu, x, {"approximate": "tanh"})


def add_clamp(suite: Suite) -> None:
    x = uniform(-3, 3, 3, 4)
    suite.add("clamp", torch.clamp, x, -1, 1.5)
    suite.add("clamp", torch.clamp, x, -0.5, None)
    suite.add("clamp", torch.clamp, x, None, 0.5)
    suite.add("clamp", torch.clamp, x, -0.5)
    suite.add("clamp", torch.clamp, x, UNDEFINED, 0.5)
    suite.add("clamp", torch.clamp, x, 1, -1, note="min above max")
    suite.add("clamp", torch.clamp, x, uniform(-2, 0, 3, 4), uniform(0, 2, 3, 4))
    suite.add("clamp", torch.clamp, x, uniform(-2, 0, 4), uniform(0, 2, 3, 1))
    suite.add("clamp", torch.clamp, x, uniform(-1, 1, 4))
    suite.add("clamp", torch.clamp, x, None, uniform(-1, 1, 3, 1))
    suite.add("clamp", torch.clamp, x.frozen(), uniform(-2, 0), uniform(0, 2))


def as_tensor(value) -> torch.Tensor:
    return torch.as_tensor(value, dtype=torch.float64)


def where(condition, a, b) -> torch.Tensor:
    return torch.where(condition, as_tensor(a), as_tensor(b))


def add_choice(suite: Suite) -> None:
    some = mask([[1, 0, 1], [0, 0, 1]])
    suite.add("where", where, some, normal(2, 3), normal(2, 3))
    suite.add("where", where, some, normal(3), normal(2, 1))
    suite.add("where", where, mask([[1], [0]]), normal(2, 3), normal(3))
    suite.add("where", where, mask([1, 0, 1]), normal(2, 1), normal())
    suite.add("where", where, some, normal(2, 3), 0.5)
    suite.add("where", where, some, -1, normal(2, 3))
    suite.add("where", where, some, 1, 0)
    hidden = values([[float("nan"), 1, 2], [3, float("inf"), float("nan")]])
    suite.add(
        "where", where, mask([[0, 1, 1], [1, 0, 0]]), hidden, normal(2, 3), note="NaN not chosen"
    )
    suite.add("maskedFill", torch.masked_fill, normal(2, 3), some, -2.5)
    suite.add("maskedFill", torch.masked_fill, normal(2, 3), mask([1, 0, 0]), 0)
    suite.add("maskedFill", torch.masked_fill, normal(2, 3), mask([[1], [0]]), float("-inf"))
    suite.add("maskedFill", torch.masked_fill, normal(2, 2, 3), mask([[[1, 0, 0]], [[0, 1, 1]]]), 1)
