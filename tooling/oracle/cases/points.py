"""Elementwise ops where they break: kinks, poles, ties, infinities, NaN, huge arguments."""

import torch
import torch.nn.functional as F

from .inputs import values
from .maps import UNARY
from .suite import Suite

INF, NAN = float("inf"), float("nan")
FINITE = [0, 0.5, -0.5, 1, -1, 2, -2, 20, -20, 100, -100, 1e4, -1e4]
TINY = [1e-4, -1e-4, 1e-7, -1e-7, 1e-20, -1e-20]
LIMITS = [INF, -INF, NAN]
# Points where PyTorch's formula gives NaN although the limit exists: no value to agree with.
LIMITS_PYTORCH_REACHES = {
    **{op: [INF, NAN] for op in ("gelu", "silu", "mish", "hardswish")},
    "softsign": [NAN],
}
KINKS = {
    "relu": [0],
    "abs": [0],
    "sign": [0],
    "relu6": [0, 6],
    "leakyRelu": [0],
    "elu": [0],
    "selu": [0],
    "celu": [0],
    "hardtanh": [-1, 1],
    "hardsigmoid": [-3, 3],
    "hardswish": [-3, 3],
    "softsign": [0],
    "softplus": [20, 20.000001907348633],
    "floor": [-2, -1, 0, 1, 2],
    "ceil": [-2, -1, 0, 1, 2],
    "trunc": [-2, -1, 0, 1, 2, -0.75, 0.75],
    "round": [-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 0.49999997, 8388609, 4194304.5],
}


def points() -> Suite:
    suite = Suite("points")
    for op, (function, _, _) in UNARY.items():
        smooth = op not in KINKS
        finite = values(FINITE)
        suite.add(op, function, finite, note="finite points", at_limits=True, second=smooth)
        suite.add(op, function, values(TINY), note="tiny points", at_limits=True)
        limits = values(LIMITS_PYTORCH_REACHES.get(op, LIMITS))
        suite.add(op, function, limits, note="limits", at_limits=True)
    for op, kinks in KINKS.items():
        suite.add(op, UNARY[op][0], values(kinks), note="kinks", second=False)
    add_parametric_kinks(suite)
    add_pow(suite)
    add_division(suite)
    add_ties(suite)
    add_atan2(suite)
    add_comparisons(suite)
    return suite


def add_parametric_kinks(suite: Suite) -> None:
    edges = values([-2, -1, -0.5, 0, 0.5, 1, 2])
    suite.add("clamp", torch.clamp, edges, -1, 1, note="at the bounds")
    suite.add("clamp", torch.clamp, edges, 0, None, note="at the bounds")
    suite.add("clamp", torch.clamp, edges, None, 0.5, note="at the bounds")
    suite.add("clamp", torch.clamp, edges, 0.5, 0.5, note="equal bounds")
    suite.add("clamp", torch.clamp, values([NAN, INF, -INF]).frozen(), -1, 1, note="limits")
    suite.add("clamp", torch.clamp, edges, values(-1), values(1), note="at tensor bounds")
    lows, highs = values([NAN, 0, 0, 0, 0]), values([2, 1, NAN, 1, 1])
    suite.add("clamp", torch.clamp, values([1, NAN, 5, 5, 0]), lows, highs, note="NaN in bounds")
    suite.add("hardtanh", F.hardtanh, edges, -0.5, 2, note="at the bounds")
    suite.add("leakyRelu", F.leaky_relu, edges, 0.25, note="kink", second=False)
    suite.add("leakyRelu", F.leaky_relu, edges, 0, note="zero slope")
    suite.add("elu", F.elu, edges, 2, note="kink", second=False)
    suite.add("celu", F.celu, edges, 2, note="kink", second=False)
    for approximate in ("none", "tanh"):
        big = values(FINITE)
        suite.add("gelu", F.gelu, big, {"approximate": approximate}, note="finite points")


def add_pow(suite: Suite) -> None:
    bases = values([-3, -2, -1, -0.5, 0, 0.5, 1, 2])
    for exponent in (0, 1, 2, 3, -1, -2, -3):
        suite.add("pow", torch.pow, bases, exponent, note="negative bases and zero")
    for exponent in (0.5, 1.5, 3.5, -0.5):
        suite.add("pow", torch.pow, values([0, 1, 4]), exponent, note="zero base")
        suite.add("pow", torch.pow, values([-2, -1]).frozen(), exponent, note="outside the domain")
    powers = values([3, 2, 3, -2, 2, -1, 0, 1]).frozen()
    suite.add("pow", torch.pow, bases, powers, note="negative bases, integer exponents")
    suite.add("pow", torch.pow, values([0, 0, 0]), values([0, 1, 2]), note="zero base")
    suite.add("pow", torch.pow, values([0, 0]), values([0.5, 3.5]), note="zero base, fractions")
    suite.add(
        "pow", torch.pow, values([2, -3, 0.5]), values([0, 0, 0]).frozen(), note="zero exponents"
    )
    limits = values([INF, INF, -INF, -INF, NAN, 1, 2, 0.5]).frozen()
    exponents = values([2, -1, 3, 2, 0, NAN, INF, INF]).frozen()
    suite.add("pow", torch.pow, limits, exponents, note="limits")
    suite.add("square", torch.square, values([-1e4, -2, 0, 1e10]), note="negative, zero, huge")


def add_division(suite: Suite) -> None:
    top = values([1, -1, 0, NAN, INF, 1, INF]).frozen()
    bottom = values([0, 0, 0, 1, 2, INF, INF]).frozen()
    suite.add("div", torch.div, top, bottom, note="zero and infinite divisors")
    suite.add("div", torch.div, values([0, 0]), values([2, -3]), note="zero dividend")
    suite.add("mul", torch.mul, values([0, 0, 2]), values([3, 0, 0]), note="zeros")
    left = [7, -7, 7, -7, 6, -6, 0.5, -0.5, 0, 5.5]
    right = [3, 3, -3, -3, 3, 3, 2, 2, 3, -2]
    suite.add("remainder", torch.remainder, values(left), values(right), note="signs")
    suite.add("remainder", torch.remainder, values(left), 3, note="signs")
    suite.add("remainder", torch.remainder, values(left), -3, note="signs")
    near = [0.1, 0.1, 0.7, 0.3, -0.1, 1.1]
    suite.add("remainder", torch.remainder, values([1, -1, 4.9, 0.9, 1, 7.7]), values(near))
    far = values([INF, INF, -INF, -INF])
    suite.add("remainder", torch.remainder, values([1, -1, 1, -1]), far, note="infinite divisors")
    nowhere = values([1, 0, INF, NAN]).frozen()
    suite.add("remainder", torch.remainder, nowhere, values([0, 0, 2, 2]).frozen(), note="limits")


def add_ties(suite: Suite) -> None:
    a, b = values([1, -2, 0, 3, 5]), values([1, -2, 0, 2, 6])
    for op, function in {"maximum": torch.maximum, "minimum": torch.minimum}.items():
        suite.add(op, function, a, b, note="ties")
        suite.add(op, function, values([[1], [2]]), values([1, 2, 3]), note="ties, broadcast")
        limits = values([NAN, 1, INF, -INF]).frozen()
        suite.add(op, function, limits, values([0, NAN, 1, 1]).frozen(), note="limits")
    suite.add("lerp", torch.lerp, values([1, 2]), values([3, -1]), 0, note="start")
    suite.add("lerp", torch.lerp, values([1, 2]), values([3, -1]), 1, note="end")
    suite.add("lerp", torch.lerp, values([1, 2]), values([3, -1]), 0.5, note="middle")
    heavy = values([1, 1, 0.5, 0.75])
    suite.add("lerp", torch.lerp, values([1e8, -1e8, 3, 1e8]), values([0.5, 0.5, 5, 7]), heavy)


def add_atan2(suite: Suite) -> None:
    y, x = values([1, -1, 1, -1, 0, 2, -2]), values([1, 1, -1, -1, 2, 0, 0])
    suite.add("atan2", torch.atan2, y, x, note="quadrants and axes")
    far = values([0, 0, INF, -INF, INF, NAN, 1]).frozen()
    suite.add(
        "atan2", torch.atan2, far, values([0, -1, 1, 1, INF, 1, -INF]).frozen(), note="limits"
    )


def add_comparisons(suite: Suite) -> None:
    binary = {op: getattr(torch, op) for op in ("eq", "ne", "lt", "le", "gt", "ge")}
    logic = {"logicalAnd": torch.logical_and, "logicalOr": torch.logical_or}
    a = values([1, 1, 2, 0, NAN, NAN, INF, -INF, 0]).frozen()
    b = values([1, 2, 1, 0, NAN, 1, INF, INF, -2]).frozen()
    for op, function in {**binary, **logic}.items():
        suite.add(op, function, a, b, note="ties and NaN")
        suite.add(op, function, values([[1], [0]]).frozen(), values([0, 1, 2]).frozen())
        suite.add(op, function, values(2).frozen(), values([1, 2]).frozen())
    for op, function in binary.items():
        suite.add(op, function, a, 1)
        suite.add(op, function, values([0.5, 0, -1]).frozen(), 0)
    unary = {"logicalNot": torch.logical_not, "isNaN": torch.isnan, "isFinite": torch.isfinite}
    for op, function in unary.items():
        suite.add(op, function, a)
        suite.add(op, function, values(0).frozen())
