"""Reductions: every op over all, one, a negative and several dimensions, and where they break."""

import torch

from .inputs import distinct, normal, signed, values
from .suite import UNDEFINED, Suite

INF, NAN = float("inf"), float("nan")
KEEP = {"keepDim": True}
ONE_DIM = ((), (0,), (1,), (-1,), (1, KEEP), (-2, KEEP), (UNDEFINED, KEEP))
SEVERAL_DIMS = (([0, 2],), ([-1, 0], KEEP), ([0, 1, 2],), ([1],))


def all_dims(x: torch.Tensor, dim) -> list[int]:
    """The dimensions a reduction runs over, as PyTorch's explicit list."""
    if dim is None:
        return list(range(x.ndim))
    return dim if isinstance(dim, list) else [dim]


def over_dims(function):
    """A reduction to which PyTorch passes a list of dimensions."""
    return lambda x, dim=None, keepdim=False, **options: function(
        x, dim=all_dims(x, dim), keepdim=keepdim, **options
    )


def one_by_one(function):
    """A reduction that PyTorch 1.13 does over one dimension at a time."""

    def reduce(x, dim=None, keepdim=False):
        for d in sorted((d % x.ndim for d in all_dims(x, dim)), reverse=True):
            x = function(x, dim=d, keepdim=keepdim)
        return x

    return reduce


def extreme(function):
    """max or min: over everything, or the values over one dimension."""

    def reduce(x, dim=None, keepdim=False):
        if dim is not None:
            return function(x, dim=dim, keepdim=keepdim).values
        return function(x).reshape([1] * x.ndim if keepdim else [])

    return reduce


def norm(x, dim=None, keepdim=False, p=2):
    return torch.linalg.vector_norm(x, float(p), dim=all_dims(x, dim), keepdim=keepdim)


REDUCTIONS = {
    "sum": over_dims(torch.sum),
    "mean": over_dims(torch.mean),
    "var": over_dims(torch.var),
    "std": over_dims(torch.std),
    "amax": over_dims(torch.amax),
    "amin": over_dims(torch.amin),
    "logsumexp": over_dims(torch.logsumexp),
    "norm": norm,
    "prod": one_by_one(torch.prod),
}
EXTREMES = {"max": extreme(torch.max), "min": extreme(torch.min)}
TRUTHS = {
    "any": one_by_one(lambda x, **options: torch.any(x != 0, **options)),
    "all": one_by_one(lambda x, **options: torch.all(x != 0, **options)),
}
POSITIONS = {"argmax": torch.argmax, "argmin": torch.argmin}


def reductions() -> Suite:
    suite = Suite("reductions")
    for op, function in REDUCTIONS.items():
        for args in (*ONE_DIM, *SEVERAL_DIMS):
            suite.add(op, function, distinct(2, 3, 4), *args)
    for op, function in EXTREMES.items():
        for args in ONE_DIM:
            suite.add(op, function, distinct(2, 3, 4), *args)
    add_scalars(suite)
    add_truths(suite)
    add_positions(suite)
    add_ties(suite)
    add_prod(suite)
    add_spread(suite)
    add_norm(suite)
    add_logsumexp(suite)
    add_empty(suite)
    return suite


def add_scalars(suite: Suite) -> None:
    for op in ("sum", "mean", "prod", "amax", "amin", "logsumexp"):
        suite.add(op, REDUCTIONS[op], normal(), note="rank 0")
    for op, function in EXTREMES.items():
        suite.add(op, function, normal(), note="rank 0")


def add_truths(suite: Suite) -> None:
    x = values([[[0, 1], [0, 0], [NAN, -2]], [[1, 1], [0, 0.5], [3, 1]]]).frozen()
    for op, function in TRUTHS.items():
        for args in (*ONE_DIM, *SEVERAL_DIMS):
            suite.add(op, function, x, *args)


def add_positions(suite: Suite) -> None:
    for op, function in POSITIONS.items():
        for args in ((), (0,), (1,), (-1,), (1, KEEP), (-2, KEEP)):
            suite.add(op, function, distinct(2, 3, 4).frozen(), *args)
        tied = values([[1, 3, 3, 1], [2, 2, 2, 2]]).frozen()
        suite.add(op, function, tied, note="ties")
        suite.add(op, function, tied, 1, note="ties")
        suite.add(op, function, tied, 0, note="ties")
        missing = values([[1, NAN, 3], [INF, -INF, 0]]).frozen()
        suite.add(op, function, missing, 1, note="limits")


def add_ties(suite: Suite) -> None:
    rows = values([[1, 3, 3, 0], [2, 2, 2, 2], [-1, -1, 5, 5]])
    both = values([[[3, 1], [3, 0]], [[2, 2], [2, 2]]])
    for op in ("amax", "amin"):
        for args in ((), (0,), (1,), (-1, KEEP)):
            suite.add(op, REDUCTIONS[op], rows, *args, note="ties")
        suite.add(op, REDUCTIONS[op], both, [1, 2], note="ties")
        suite.add(op, REDUCTIONS[op], both, [0, 2], note="ties")
    for op, function in EXTREMES.items():
        for args in ((), (0,), (1,), (-1, KEEP)):
            suite.add(op, function, rows, *args, note="ties")
    limits = values([[1, NAN, 2], [INF, -INF, 0], [-INF, -INF, -INF]]).frozen()
    for op in ("amax", "amin", "sum", "mean", "prod"):
        suite.add(op, REDUCTIONS[op], limits, 1, note="limits")
    for op, function in EXTREMES.items():
        suite.add(op, function, limits, 1, note="limits")
        suite.add(op, function, limits, note="limits")


def add_prod(suite: Suite) -> None:
    zeros = {
        "one zero": [[2, 0, -3], [1.5, 2, 4]],
        "two zeros": [[2, 0, 0], [1.5, 2, 4]],
        "zeros everywhere": [[0, 0], [0, 0]],
        "a zero in each row": [[0, 2, 3], [4, 0, -1]],
    }
    for note, data in zeros.items():
        for args in ((), (1,), (0, KEEP), ([0, 1],)):
            suite.add("prod", REDUCTIONS["prod"], values(data), *args, note=note)


def add_spread(suite: Suite) -> None:
    for op in ("var", "std"):
        function = REDUCTIONS[op]
        for correction in (0, 1, 2):
            suite.add(op, function, normal(3, 4), UNDEFINED, {"correction": correction})
            suite.add(op, function, normal(3, 4), 1, {"correction": correction, "keepDim": True})
            suite.add(op, function, normal(2, 3, 2), [0, -1], {"correction": correction})
        suite.add(op, function, values([[2, 2, 2], [1, 2, 4]]), 1, note="constant row")
        suite.add(op, function, values([3]).frozen(), note="one value")
        suite.add(op, function, values([[1000, 1001, 1002.5]]), 1, note="large mean")


def add_norm(suite: Suite) -> None:
    for p in (1, INF, 3, 2):
        suite.add("norm", norm, signed(0.25, 3, 2, 3), UNDEFINED, {"p": p})
        suite.add("norm", norm, signed(0.25, 3, 2, 3), 1, {"p": p})
        suite.add("norm", norm, signed(0.25, 3, 2, 3), -2, {"p": p, "keepDim": True})
        suite.add("norm", norm, signed(0.25, 3, 2, 3, 2), [0, 2], {"p": p})
    for p in (0.5, 0.75, 1, 2, 3):
        suite.add("norm", norm, values([[0, 0], [3, -4]]), 1, {"p": p}, note="at zero")
        suite.add("norm", norm, values([0, 0, 0]), UNDEFINED, {"p": p}, note="at zero")
        suite.add("norm", norm, values([0, 2, -1]), UNDEFINED, {"p": p}, note="one zero")
    suite.add("norm", norm, values([0, -2, 1]), UNDEFINED, {"p": INF}, note="one zero")
    suite.add("norm", norm, values([2, -2, 1]), UNDEFINED, {"p": INF}, note="ties")


def add_logsumexp(suite: Suite) -> None:
    function = REDUCTIONS["logsumexp"]
    suite.add("logsumexp", function, values([[-INF, 1, 2], [0, -INF, -INF]]), 1, note="-Infinity")
    hidden = values([[-INF, -INF], [INF, 1]]).frozen()
    suite.add("logsumexp", function, hidden, 1, note="rows at infinity")
    huge = values([[1e4, -1e4, 9999], [-1e4, -1e4, -1e4]])
    suite.add("logsumexp", function, huge, 1, note="huge")
    suite.add("logsumexp", function, huge, note="huge")


def add_empty(suite: Suite) -> None:
    empty, column = values([[], []]), values([]).frozen()
    for op in ("sum", "mean", "prod"):
        suite.add(op, REDUCTIONS[op], empty, 1, note="an empty dimension")
        suite.add(op, REDUCTIONS[op], empty, 0, note="an empty result")
        suite.add(op, REDUCTIONS[op], column, note="nothing")
    for op, function in TRUTHS.items():
        suite.add(op, function, column, note="nothing")


def ordered(result) -> dict:
    """sort and topk return values and their positions."""
    return {"values": result.values, "indices": result.indices}


def sort(x, dim=-1, descending=False):
    return ordered(torch.sort(x, dim=dim, descending=descending, stable=True))


def argsort(x, dim=-1, descending=False):
    return torch.sort(x, dim=dim, descending=descending, stable=True).indices


def scans() -> Suite:
    suite = Suite("scans")
    for op, function in {"cumsum": torch.cumsum, "cumprod": torch.cumprod}.items():
        for dim in (0, 1, -1):
            suite.add(op, function, normal(2, 3, 4), dim)
        suite.add(op, function, normal(5), 0)
        suite.add(op, function, normal(2, 1), 1)
    for data in ([2, 0, 3, -1], [2, 0, 3, 0, 4], [0, 0, 1], [0], [1, 2, 0]):
        suite.add("cumprod", torch.cumprod, values(data), 0, note=f"zeros in {data}")
    suite.add("cumprod", torch.cumprod, values([[1, 0, 2], [0, 3, 0]]), 0, note="zeros")
    add_sort(suite)
    add_topk(suite)
    return suite


def add_sort(suite: Suite) -> None:
    for dim in (0, 1, -1):
        suite.add("sort", sort, distinct(2, 3, 4), dim)
        suite.add("sort", sort, distinct(2, 3, 4), dim, {"descending": True})
        suite.add("argsort", argsort, distinct(2, 3, 4).frozen(), dim)
        suite.add("argsort", argsort, distinct(2, 3, 4).frozen(), dim, {"descending": True})
    tied = values([[3, 1, 3, 2, 1], [0, 0, 0, -1, 5]]).frozen()
    for options in ({}, {"descending": True}):
        suite.add(
            "sort",
            lambda x, dim, **options: {"values": sort(x, dim, **options)["values"]},
            tied,
            1,
            options,
            note="ties",
        )


def add_topk(suite: Suite) -> None:
    for k, dim in ((1, -1), (2, -1), (3, 1), (2, 0), (4, 2)):
        suite.add(
            "topk", lambda x, k, dim: ordered(torch.topk(x, k, dim)), distinct(2, 3, 4), k, dim
        )
    tied = values([3, 1, 3, 2, 1]).frozen()
    suite.add(
        "topk", lambda x, k, dim: {"values": torch.topk(x, k, dim).values}, tied, 3, 0, note="ties"
    )


def softmaxes() -> Suite:
    suite = Suite("softmax")
    for op, function in {"softmax": torch.softmax, "logSoftmax": torch.log_softmax}.items():
        for dim in (0, 1, 2, -1):
            suite.add(op, function, normal(2, 3, 4), dim)
        suite.add(op, function, normal(5), 0)
        suite.add(op, function, normal(3, 1), 1)
        huge = values([[1e4, -1e4, 0], [1e4, 1e4, -1e4], [-1e4, -1e4, -1e4]])
        suite.add(op, function, huge, 1, note="huge")
        suite.add(op, function, huge, 0, note="huge")
        suite.add(op, function, values([[-INF, 1, 2], [0, -INF, 3]]).frozen(), 1, note="-Infinity")
    suite.add("softmax", torch.softmax, values([[-INF, 1, 2], [0, -INF, 3]]), 1, note="masked")
    return suite
