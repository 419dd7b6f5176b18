"""Everyday functions: special values, comparison of whole tensors, fused arithmetic."""

import torch
import torch.nn.functional as F

from .inputs import index, mask, normal, signed, uniform, values
from .maps import ALIKE
from .suite import UNDEFINED, Suite

INF, NAN = float("inf"), float("nan")
ODD = [NAN, INF, -INF, 0, -1.5, 1e30]


def everyday() -> Suite:
    suite = Suite("everyday")
    add_special_values(suite)
    add_closeness(suite)
    add_quotients(suite)
    add_factors(suite)
    add_logarithms(suite)
    add_magnitudes(suite)
    add_activations(suite)
    add_analytic(suite)
    return suite


def add_special_values(suite: Suite) -> None:
    suite.add("isInf", torch.isinf, values(ODD).frozen())
    suite.add("isInf", torch.isinf, values(-INF).frozen())
    suite.add("isInf", torch.isinf, values([]).frozen())
    finite = {"posinf": 5, "neginf": -7}
    suite.add("nanToNum", torch.nan_to_num, values(ODD), finite)
    suite.add("nanToNum", torch.nan_to_num, values(ODD), {"nan": 2.5, **finite})
    suite.add("nanToNum", torch.nan_to_num, values([[NAN, 1], [2, 3]]))
    suite.add("nanToNum", torch.nan_to_num, normal(2, 3))
    suite.add("nanToNum", torch.nan_to_num, values([]))


def add_closeness(suite: Suite) -> None:
    a = values([1, 2, INF, -INF, NAN, 0, 1e10, 1]).frozen()
    b = values([1.00001, 2.1, INF, INF, NAN, 1e-9, 1.00001e10, INF]).frozen()
    for options in ({}, {"equalNan": True}, {"rtol": 0, "atol": 0}, {"rtol": 0.1, "atol": 0.01}):
        suite.add("isClose", torch.isclose, a, b, options)
        suite.add("allClose", truth(torch.allclose), a, b, options)
    suite.add("isClose", torch.isclose, values([[1], [2]]).frozen(), values([1, 2]).frozen())
    suite.add("isClose", torch.isclose, index([1, 5, -3]), index([1, 6, -3]), {"atol": 0.5})
    suite.add("isClose", torch.isclose, mask([1, 0, 1]), mask([1, 1, 0]))
    suite.add("allClose", truth(torch.allclose), normal(2, 3).frozen(), normal(2, 3).frozen())
    suite.add("allClose", truth(torch.allclose), values([]).frozen(), values([]).frozen())
    same = values([[1, 2], [3, 4]]).frozen()
    suite.add("allClose", truth(torch.allclose), same, same)
    suite.add("equal", truth(torch.equal), same, same)
    suite.add("equal", truth(torch.equal), same, values([1, 2]).frozen())
    suite.add("equal", truth(torch.equal), values([1, NAN]).frozen(), values([1, NAN]).frozen())
    suite.add("equal", truth(torch.equal), values([]).frozen(), values([]).frozen())
    suite.add("equal", truth(torch.equal), index([1, 2]), index([1, 3]))


def truth(function):
    """A function that answers with a bool, which becomes a tensor."""
    return lambda *args, **options: torch.tensor(function(*args, **options))


LEFT = [7, -7, 7, -7, 6, -6, 0.5, -0.5, 0, 5.5, INF, 1, -1, NAN, 1, -3, 0]
RIGHT = [3, 3, -3, -3, 3, 3, 2, 2, 3, -2, 2, INF, INF, 1, 0, 0, 0]


def add_quotients(suite: Suite) -> None:
    left, right = values(LEFT).frozen(), values(RIGHT).frozen()
    near = values([1, -1, 4.9, 0.9, 1, 7.7]), values([0.1, 0.1, 0.7, 0.3, -0.1, 1.1])
    whole = index([7, -7, 7, -7, 2147483647, -2147483648, 2147483646, 0, 1234567891])
    by = index([3, 3, -3, -3, 2, 3, 2147483647, 5, 7])
    for mode in ("floor", "trunc", None):
        options = {"roundingMode": mode}
        suite.add("div", torch.div, left, right, options)
        if mode != "trunc":  # It divides first, and 1/0.1 depends on the precision.
            suite.add("div", torch.div, *near, options)
        suite.add("div", torch.div, signed(0.5, 8, 3, 1), signed(0.75, 2.5, 4), options)
        suite.add("div", torch.div, normal(2, 3), -0.75, options)
        if mode:
            suite.add("div", torch.div, whole, by, options)
            suite.add("div", torch.div, whole, -3, options)
    suite.add("floorDivide", torch.floor_divide, left, right)
    suite.add("floorDivide", torch.floor_divide, whole, by)
    suite.add("floorDivide", torch.floor_divide, signed(0.5, 8, 3, 1).frozen(), 1.5)
    suite.add("fmod", torch.fmod, left, right)
    suite.add("fmod", torch.fmod, *near)
    suite.add("fmod", torch.fmod, values([1, -1, 1, -1]), values([INF, INF, -INF, -INF]))
    suite.add("fmod", torch.fmod, index([7, -7, 7, -7]), index([3, 3, -3, -3]))
    for divisor in (1.5, -1.5, 3):
        suite.add("fmod", torch.fmod, signed(0.5, 8, 2, 3), divisor)
    for a, b in ALIKE:
        suite.add("fmod", torch.fmod, signed(0.5, 8, *a), signed(0.75, 2.5, *b))


def add_factors(suite: Suite) -> None:
    for op, function in {"add": torch.add, "sub": torch.sub}.items():
        for a, b in ALIKE:
            suite.add(op, function, normal(*a), normal(*b), {"alpha": -0.75})
        suite.add(op, function, normal(2, 3), 2, {"alpha": 0.5})
        suite.add(op, function, index([1, 2]), index([3, 4]), {"alpha": 2})
    for decimals in (1, 3, -1, -2, 0):
        suite.add("round", torch.round, uniform(-300, 300, 2, 4), {"decimals": decimals})
    suite.add("round", torch.round, values([0.5, 1.5, -0.5, INF, NAN]).frozen(), {"decimals": 0})
    for options in ({}, {"value": -0.5}):
        x, a, b = normal(2, 3), normal(2, 3), normal(3)
        suite.add("addcmul", torch.addcmul, x, a, b, options)
        suite.add("addcmul", torch.addcmul, normal(3), normal(2, 1), normal(3), options)
        suite.add("addcdiv", torch.addcdiv, x, a, signed(0.5, 2, 3), options)
        suite.add("addcdiv", torch.addcdiv, normal(1, 3), normal(2, 1), signed(0.5, 2), options)


def add_logarithms(suite: Suite) -> None:
    for a, b in ALIKE:
        suite.add("xlogy", torch.xlogy, normal(*a), uniform(0.25, 3, *b))
        suite.add("logaddexp", torch.logaddexp, normal(*a), normal(*b))
    edges = values([0, 0, 0, 0, 0, 1, -1, 2, NAN])
    suite.add("xlogy", torch.xlogy, edges, values([0, 1, INF, NAN, -1, 0.5, 2, 1, 1]).frozen())
    suite.add("xlogy", torch.xlogy, edges.frozen(), values([0, 1, 3, NAN, 0, 0.5, 2, 1, 1]))
    suite.add("xlogy", torch.xlogy, normal(2, 3), 2.5)
    far = values([1000, -1000, 0, 2, -50, 1e5])
    suite.add("logaddexp", torch.logaddexp, far, values([1000, -1001, 0, -40, 50, -1e5]))
    odd = values([INF, -INF, INF, NAN, -INF]).frozen()
    suite.add("logaddexp", torch.logaddexp, odd, values([INF, -INF, -INF, 1, 2]).frozen())
    suite.add("logit", torch.logit, uniform(0.01, 0.99, 2, 4))
    suite.add("logit", torch.logit, values([0.5, 0.25, 0.75, 1e-20, 0.49999997, 0.50000006]))
    suite.add("logit", torch.logit, values([0, 1, -0.5, 1.5, NAN]).frozen())
    suite.add("logit", torch.logit, values([0, 1, -0.5, 1.5, 0.25]), 0.125)


def add_magnitudes(suite: Suite) -> None:
    for a, b in ALIKE:
        suite.add("hypot", torch.hypot, normal(*a), normal(*b))
        suite.add("copysign", torch.copysign, normal(*a), normal(*b).frozen())
    odd = values([0, 3, INF, NAN, -INF, NAN, 1e30, 1e-30, 0]).frozen()
    suite.add("hypot", torch.hypot, odd, values([0, -4, NAN, INF, 1, 1, 1e30, 1e-30, 2]).frozen())
    suite.add("frac", torch.frac, uniform(-3, 3, 2, 4))
    suite.add("frac", torch.frac, values([-2, -0.5, 0, 1, 1e9, NAN, INF]).frozen())
    a, b = values([1, -1, 2, -2, 0, 1]), values([-INF, 0, 3, -3, -1, INF]).frozen()
    suite.add("copysign", torch.copysign, a, b)
    suite.add("copysign", torch.copysign, values([1, -1, 0]), -2)
    suite.add("copysign", torch.copysign, index([1, -2, 0]), index([-1, 3, -5]))
    for dim in (UNDEFINED, 0, -1, [0, 1]):
        zeros = values([[0, 1, NAN], [0, 0, -2]]).frozen()
        suite.add("countNonzero", torch.count_nonzero, *((zeros,) if dim is UNDEFINED else (zeros, dim)))
    suite.add("countNonzero", torch.count_nonzero, values([]).frozen())
    suite.add("countNonzero", torch.count_nonzero, mask([1, 0, 1]), 0)


def softshrink(x, lambd=0.5):
    """softshrink of PyTorch 2, which propagates NaN."""
    return torch.where(torch.isnan(x), x, F.softshrink(x, lambd))


def add_activations(suite: Suite) -> None:
    edges = values([-2, -0.5, -0.25, 0, 0.25, 0.5, 2, INF, -INF, NAN])
    for op, function in {"hardshrink": F.hardshrink, "softshrink": softshrink}.items():
        suite.add(op, function, uniform(-2, 2, 2, 5))
        suite.add(op, function, uniform(-2, 2, 2, 5), 0.25)
        suite.add(op, function, edges.frozen())
        suite.add(op, function, values([-2, -0.5, -0.25, 0, 0.25, 0.5, 2]), note="kinks", second=False)
    suite.add("threshold", F.threshold, uniform(-2, 2, 2, 5), 0.5, -3)
    suite.add("threshold", F.threshold, edges.frozen(), 0.5, 7)
    suite.add("threshold", F.threshold, values([0.25, 0.5, 1]), 0.5, 7, note="kink", second=False)
    suite.add("tanhshrink", F.tanhshrink, uniform(-3, 3, 2, 5))
    suite.add("tanhshrink", F.tanhshrink, values([0, 1, -1, 0.5, 20, -100]))
    suite.add("tanhshrink", F.tanhshrink, values([INF, -INF, NAN]).frozen())
    for dim in (0, 1, -1):
        suite.add("softmin", F.softmin, normal(2, 3), dim)
        suite.add("glu", F.glu, normal(2, 4, 6), dim)
    suite.add("glu", F.glu, normal(2, 4))
    suite.add("glu", F.glu, normal(0, 4))
    suite.add("prelu", F.prelu, normal(2, 3), values([0.25]))
    suite.add("prelu", F.prelu, normal(2, 3), normal(3))
    suite.add("prelu", F.prelu, normal(2, 3, 4), normal(3))
    suite.add("prelu", F.prelu, normal(4), normal(1))
    suite.add("prelu", F.prelu, values([0, -1, 1]), values([0.5]), note="kink", second=False)


class Digamma(torch.autograd.Function):
    """digamma, whose own gradient has only nine digits."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.digamma(x)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * torch.special.zeta(torch.full_like(x, 2), x)


def add_analytic(suite: Suite) -> None:
    whole = {
        "asinh": (torch.asinh, -5, 5),
        "acosh": (torch.acosh, 1.1, 6),
        "atanh": (torch.atanh, -0.95, 0.95),
        "exp2": (torch.exp2, -5, 5),
        "erfc": (torch.erfc, -2, 2.5),
        "erfinv": (torch.erfinv, -0.95, 0.95),
    }
    edges = values([INF, -INF, NAN, 0, 1, -1, 1.5, -2, -2.5, 1e30, -1e30]).frozen()
    for op, (function, low, high) in whole.items():
        suite.add(op, function, uniform(low, high, 2, 5))
        suite.add(op, function, uniform(low, high))
        suite.add(op, function, edges)
    suite.add("asinh", torch.asinh, values([1e-20, -1e-7, 1e15, -1e15, 0]))
    suite.add("acosh", torch.acosh, values([1.0009765625, 1e15, 2]))
    suite.add("atanh", torch.atanh, values([1e-20, 0.9990234375, -0.5]))
    suite.add("erfc", torch.erfc, values([5, 9, -5, 0.25, 0]))
    suite.add("erfinv", torch.erfinv, values([1e-20, 0.9990234375, -0.984375, 0.5, 0]))
    for op, function in {"lgamma": torch.lgamma, "digamma": Digamma.apply}.items():
        suite.add(op, function, uniform(0.1, 12, 2, 5), second=False)
        suite.add(op, function, uniform(0.1, 12), second=False)
        suite.add(op, function, edges)
    positive = [1e-10, 0.5, 1, 1.5, 2, 2.5, 3, 7.5, 8, 100, 1e10]
    negative = [-0.25, -0.5, -1.5, -2.75, -3.25, -10.5]
    suite.add("lgamma", torch.lgamma, values(positive), second=False)
    suite.add("lgamma", torch.lgamma, values(negative), second=False)
    suite.add("digamma", Digamma.apply, values(positive))
    suite.add("digamma", torch.digamma, values(negative).frozen())
