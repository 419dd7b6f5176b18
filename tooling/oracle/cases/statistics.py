"""Order statistics, running extremes, counts, and reductions that ignore NaN."""

import torch
from torch.nn import functional as F

from .inputs import distinct, index, normal, values
from .reductions import KEEP, ordered, over_dims
from .suite import UNDEFINED, Suite

INF, NAN = float("inf"), float("nan")
GAPS = [[1, NAN, 3, 2], [NAN, NAN, NAN, NAN], [4, 0.5, -2, 1]]
TIES = [[3, 1, 3, 2, 1], [0, 0, 0, -1, 5]]
LINES = ((0,), (1,), (-1, KEEP), ())


def statistics() -> Suite:
    suite = Suite("statistics")
    add_extremes(suite)
    add_selected(suite)
    add_quantiles(suite)
    add_running(suite)
    add_moments(suite)
    add_unique(suite)
    add_counts(suite)
    add_search(suite)
    add_options(suite)
    return suite


def along(function):
    """A function that returns values and indices along a dimension."""
    return lambda x, *args, **options: ordered(function(x, *args, **options))


def last_unless_given(function):
    return lambda x, dim=-1, **options: ordered(function(x, dim, **options))


def add_extremes(suite: Suite) -> None:
    for op, function in {"maxWithIndices": torch.max, "minWithIndices": torch.min}.items():
        reduce = last_unless_given(function)
        for args in LINES:
            suite.add(op, reduce, distinct(2, 3, 4), *args)
        suite.add(op, reduce, values(GAPS).frozen(), 1, note="NaN")
        suite.add(op, reduce, normal(), 0, note="rank 0")
        suite.add(op, reduce, values(TIES), 1, note="ties")


def values_only(function):
    return lambda x, *args, **options: {"values": function(x, *args, **options).values}


def add_selected(suite: Suite) -> None:
    for op, function in {"median": torch.median, "nanmedian": torch.nanmedian}.items():
        reduce = along(function)
        for args in ((0,), (1,), (-1, KEEP)):
            suite.add(op, reduce, distinct(2, 3, 4), *args)
        suite.add(op, function, distinct(2, 3), note="even")
        suite.add(op, function, distinct(5), note="odd")
        suite.add(op, values_only(function), values(GAPS).frozen(), 1, note="NaN")
        suite.add(op, function, values(GAPS).frozen(), note="NaN")
        suite.add(op, function, values([1, 2, 2, 2, 3]), note="ties")
        suite.add(op, function, values([]).frozen(), note="nothing")
        suite.add(op, function, normal(), note="rank 0")
    kth = along(torch.kthvalue)
    for k, args in ((1, ()), (2, (0,)), (3, (1,)), (4, (-1, KEEP))):
        suite.add("kthvalue", kth, distinct(2, 3, 4), k, *args)
    suite.add("kthvalue", values_only(torch.kthvalue), values(GAPS).frozen(), 2, 1, note="NaN")
    suite.add("kthvalue", kth, normal(), 1, note="rank 0")
    mode = along(torch.mode)
    for args in LINES:
        suite.add("mode", mode, distinct(2, 3, 4), *args)
    suite.add("mode", mode, values(TIES), 1, note="ties")
    suite.add("mode", mode, values([[1, 2, 2], [3, 3, 1]]), 0, note="ties")
    suite.add("mode", mode, normal(), note="rank 0")


def spread(function):
    """A quantile, with q as a tensor of the type of x."""

    def reduce(x, q, dim=None, **options):
        q = q if isinstance(q, torch.Tensor) else torch.tensor(q, dtype=x.dtype)
        return function(x, q, dim, **options)

    return reduce


def add_quantiles(suite: Suite) -> None:
    for op, function in {"quantile": torch.quantile, "nanquantile": torch.nanquantile}.items():
        reduce = spread(function)
        for how in ("linear", "lower", "higher", "midpoint", "nearest"):
            options = {"interpolation": how}
            suite.add(op, reduce, distinct(3, 4), [0, 0.25, 0.625, 1], 1, options)
            suite.add(op, reduce, distinct(5), 0.375, UNDEFINED, options)
        suite.add(op, reduce, distinct(2, 3), 0.5)
        suite.add(op, reduce, distinct(2, 3, 2), 0.5, 1, KEEP)
        suite.add(op, reduce, distinct(2, 3, 2), [0.5, 0.25], -2, KEEP)
        suite.add(op, reduce, distinct(2, 3), [0.5], UNDEFINED, KEEP)
        suite.add(op, reduce, distinct(2, 5), values([0.25, 0.5]).frozen(), 1)
        suite.add(op, reduce, values(GAPS).frozen(), [0.25, 0.5], 1, note="NaN")
        suite.add(op, reduce, normal(), 0.5, note="rank 0")


def add_running(suite: Suite) -> None:
    for op, function in {"cummax": torch.cummax, "cummin": torch.cummin}.items():
        for dim in (0, 1, -1):
            suite.add(op, along(function), distinct(2, 3, 4), dim)
        suite.add(op, along(function), values(TIES), 1, note="ties")
        suite.add(op, along(function), values([1, NAN, 5, NAN, 0]).frozen(), 0, note="NaN")
        suite.add(op, along(function), values([-INF, INF, 1]).frozen(), 0, note="infinities")
        suite.add(op, along(function), normal(), 0, note="rank 0")
        suite.add(op, along(function), values([]).frozen(), 0, note="nothing")
    function = torch.logcumsumexp
    for dim in (0, 1, -1):
        suite.add("logcumsumexp", function, normal(2, 3, 4), dim)
    suite.add("logcumsumexp", function, values([-1000, 1000, 999, -5, 1001]), 0, note="huge")
    suite.add("logcumsumexp", function, values([-INF, -1000, -INF, 3]).frozen(), 0, note="-Infinity")
    suite.add("logcumsumexp", function, values([1, INF, 2, NAN, 1]).frozen(), 0, note="limits")
    suite.add("logcumsumexp", function, normal(), 0, note="rank 0")


def pair(function, first):
    """A spread and a mean by name."""

    def reduce(x, dim=None, **options):
        dims = list(range(x.ndim)) if dim is None else dim
        found = function(x, dim=dims, **options)
        return {first: found[0], "mean": found[1]}

    return reduce


def aminmax(x, dim=None, **options):
    """PyTorch 1.13 has no gradient of aminmax."""
    if x.requires_grad:
        dims = list(range(x.ndim)) if dim is None else dim
        return {"min": torch.amin(x, dims, **options), "max": torch.amax(x, dims, **options)}
    found = torch.aminmax(x, dim=dim, **options)
    return {"min": found.min, "max": found.max}


def add_moments(suite: Suite) -> None:
    for op, function in {
        "stdMean": pair(torch.std_mean, "std"),
        "varMean": pair(torch.var_mean, "var"),
    }.items():
        for args in ((), (0,), ([0, 2], KEEP), (UNDEFINED, {"correction": 0})):
            suite.add(op, function, normal(2, 3, 4), *args)
    for args in ((), (0,), (-1, KEEP)):
        suite.add("aminmax", aminmax, distinct(2, 3, 4), *args)
    suite.add("aminmax", aminmax, values(GAPS).frozen(), 1, note="NaN")
    suite.add("aminmax", aminmax, values(TIES), 1, note="ties")
    for op, function in {"nansum": torch.nansum, "nanmean": torch.nanmean}.items():
        for args in ((), (1,), ([0, 1], KEEP)):
            suite.add(op, over_dims(function), normal(2, 3), *args)
        suite.add(op, over_dims(function), values([[1, NAN, 3], [2, 4, NAN]]), 1, note="NaN")
        suite.add(op, over_dims(function), values(GAPS).frozen(), 1, note="nothing left")


def distinct_values(function):
    """unique, with its results by name if there are several."""

    def find(x, return_inverse=False, return_counts=False, **options):
        given = {"return_inverse": return_inverse, "return_counts": return_counts, **options}
        found = function(x, **given)
        if not return_inverse and not return_counts:
            return found
        names = ["values", *(["inverse"] if return_inverse else []), *(["counts"] if return_counts else [])]
        return dict(zip(names, found, strict=True))

    return find


def add_unique(suite: Suite) -> None:
    rows = values([[1, 2], [0, 5], [1, 2], [0, 5], [0, 4]]).frozen()
    both = {"returnInverse": True, "returnCounts": True}
    for op, function in {"unique": torch.unique, "uniqueConsecutive": torch.unique_consecutive}.items():
        find = distinct_values(function)
        for options in ({}, {"returnInverse": True}, {"returnCounts": True}, both):
            suite.add(op, find, values(TIES).frozen(), options)
            suite.add(op, find, rows, {"dim": 0, **options})
        suite.add(op, find, values([[1, 0, 1], [2, 3, 2]]).frozen(), {"dim": 1, **both})
        suite.add(op, find, index([3, 3, 1, 3]), both, note="ints")
        suite.add(op, find, values([]).frozen(), both, note="nothing")
        suite.add(op, find, values(2).frozen(), both, note="rank 0")


def add_counts(suite: Suite) -> None:
    for options in ({}, {"minLength": 6}, {"weights": values([0.5, 2, 1, -1]).frozen()}):
        suite.add("bincount", torch.bincount, index([1, 3, 1, 0]), options)
    suite.add("bincount", torch.bincount, index([]), note="nothing")
    suite.add("bincount", torch.bincount, index([]), {"minLength": 3}, note="nothing")
    x = values([[0, 1, 2.5, 3], [-1, 2, 1, 3.5]]).frozen()
    histc = lambda x, bins=100, min=0, max=0: torch.histc(x, bins, min, max)  # noqa: E731
    suite.add("histc", histc, x, 4, {"min": 0, "max": 3})
    suite.add("histc", histc, x, 5)
    suite.add("histc", histc, x, note="100 bins")
    suite.add("histc", histc, values([2, 2, 2]).frozen(), 4, note="one value")
    suite.add("histc", histc, x, 3, {"min": 5, "max": 9})


def add_search(suite: Suite) -> None:
    line, wanted = values([1, 3, 3, 5]).frozen(), values([[0, 1, 3], [4, 5, 9]]).frozen()
    lines = values([[1, 3, 5, 7], [2, 2, 2, 8]]).frozen()
    for options in ({}, {"right": True}, {"side": "right"}):
        suite.add("searchsorted", torch.searchsorted, line, wanted, options)
        suite.add("searchsorted", torch.searchsorted, lines, wanted, options, note="several lines")
    suite.add("searchsorted", torch.searchsorted, line, values(3).frozen(), note="one value")
    suite.add("searchsorted", torch.searchsorted, values([]).frozen(), wanted, note="nothing")
    limits = values([NAN, INF, -INF]).frozen()
    suite.add("searchsorted", torch.searchsorted, line, limits, note="limits")
    suite.add("searchsorted", torch.searchsorted, line, limits, {"right": True}, note="limits")
    mixed = values([5, 1, 3]).frozen()
    suite.add("searchsorted", torch.searchsorted, mixed, wanted, {"sorter": index([1, 2, 0])})
    for options in ({}, {"right": True}):
        suite.add("bucketize", torch.bucketize, wanted, line, options)


def pool(function):
    """Max pooling with its positions."""

    def both(x, size, **options):
        found = function(x, size, return_indices=True, **options)
        return {"values": found[0], "indices": found[1]}

    return lambda x, size, return_indices, **options: both(x, size, **options)


def add_options(suite: Suite) -> None:
    """Options of functions whose other cases are elsewhere."""
    smallest = {"largest": False}
    topk = along(torch.topk)
    for k, dim in ((1, -1), (2, 0), (4, 2)):
        suite.add("topk", topk, distinct(2, 3, 4), k, dim, smallest)
    suite.add("topk", values_only(torch.topk), values(GAPS).frozen(), 3, 1, smallest, note="NaN")
    suite.add("oneHot", F.one_hot, index([[0, 3], [1, 0]]))
    ask = {"returnIndices": True}
    flat, plane = pool(F.max_pool1d), pool(F.max_pool2d)
    suite.add("maxPool1d", flat, distinct(1, 2, 7), 3, ask)
    suite.add("maxPool1d", flat, distinct(2, 7), 2, {**ask, "stride": 1, "padding": 1, "dilation": 2})
    suite.add("maxPool2d", plane, distinct(2, 2, 4, 5), 2, ask)
    windows = {"stride": [1, 2], "padding": 1, "ceilMode": True}
    suite.add("maxPool2d", plane, distinct(1, 4, 6), [3, 2], {**ask, **windows})
    suite.add("maxPool2d", plane, distinct(1, 7, 7), 3, {**ask, "dilation": [2, 1]})
    tied = values([[[1, 1, 0, 2], [1, 1, 2, 2]]])
    suite.add("maxPool2d", plane, tied, 2, ask, note="ties")
    odd = values([[[NAN, 1, -INF, -INF], [NAN, 1, -INF, -INF]]]).frozen()
    suite.add("maxPool2d", plane, odd, 2, ask, note="limits")
    suite.add("maxPool2d", plane, odd, 2, {**ask, "padding": 1}, note="limits")
