"""Advanced indexing, writes at indices, and masks."""

import torch

from .inputs import distinct, index, mask, normal, values
from .suite import Suite

CUBE = (2, 3, 4)


def selections() -> Suite:
    suite = Suite("selections")
    add_index(suite)
    add_index_put(suite)
    add_nonzero(suite)
    add_rows(suite)
    add_scatter(suite)
    add_scatter_reduce(suite)
    add_take(suite)
    add_masks(suite)
    add_repeats(suite)
    add_multinomial(suite)
    return suite


def subscript(given):
    """One index as PyTorch's brackets take it; a list is a range."""
    if given is None:
        return slice(None)
    return slice(*given) if isinstance(given, list) else given


def indexed(x, *indices):
    return x[tuple(subscript(given) for given in indices)]


def add_index(suite: Suite) -> None:
    two, pairs = index([1, 0]), index([[0, 2], [1, 1]])
    for indices in (
        (two,),
        (None, index([2, 0, 2])),
        (None, None, index([-1, 3, 0, -4])),
        (two, index([2, -1])),
        (two, None, index([3, 0])),
        (None, index([0, 2]), index([3, 1])),
        (index([[1], [0]]), None, index([2, 0, 1])),
        (None, pairs, index([3, 1])),
        (two, index([0, 1]), index([2, 2])),
        ([0, 1], two),
        ([None, None], [1, 3], index([3, 3])),
        (-1, two),
        (1, None, two),
        (two, 1, index([3, 0])),
        (two, None, 2),
        (index(1), None, two),
        (index(1),),
        (two, [0, 3, 2], index([0, 3])),
        (index([]),),
        (None, 1),
        ([1, 2], None, [0, 4, 2]),
    ):
        suite.add("index", indexed, distinct(*CUBE), *indices)
    flags = mask([[1, 0, 1], [0, 0, 1]])
    suite.add("index", indexed, distinct(*CUBE), flags)
    suite.add("index", indexed, distinct(*CUBE), flags, index([0, 3, 1]))
    suite.add("index", indexed, distinct(*CUBE), mask([0, 1]), None, index([2]))
    suite.add("index", indexed, distinct(*CUBE), None, mask([1, 0, 1]))
    suite.add("index", indexed, distinct(*CUBE), index([1, 0]), mask([1, 0, 1]))
    suite.add("index", indexed, distinct(3, 4), mask([1, 0, 1]), None, note="rows")
    suite.add("index", indexed, distinct(2, 3), mask([0, 0]), note="nothing")
    suite.add("index", indexed, distinct(2, 3), mask(1), note="a flag")
    suite.add("index", indexed, distinct(2, 3), mask(0), note="no flag")
    suite.add("index", indexed, distinct(), mask(1), note="a scalar")


def put(x, indices, value, accumulate=False):
    value = value if isinstance(value, torch.Tensor) else torch.tensor(value, dtype=x.dtype)
    return torch.index_put(x, tuple(indices), value, accumulate)


def add_index_put(suite: Suite) -> None:
    both = [index([0, 2]), index([1, -1])]
    add = {"accumulate": True}
    suite.add("indexPut", put, normal(3, 4), both, normal(2))
    suite.add("indexPut", put, normal(3, 4), both, normal())
    suite.add("indexPut", put, normal(3, 4), both, 2.5)
    suite.add("indexPut", put, normal(3, 4), [index([2, 0])], normal(2, 4))
    suite.add("indexPut", put, normal(3, 4), [index([2, 0])], normal(4))
    suite.add("indexPut", put, normal(3, 4), [index([2, 2, 0])], normal(3, 4), add)
    suite.add("indexPut", put, normal(3, 4), both, normal(1), add)
    suite.add("indexPut", put, normal(3, 4), [index([[0, 0], [0, 1]]), index([1, 1])], 1.5, add)
    suite.add("indexPut", put, normal(2, 3), [mask([[1, 0, 1], [0, 1, 0]])], normal(3))
    suite.add("indexPut", put, normal(2, 3), [mask([0, 1])], normal(1, 3), add)


def nonzero(x, as_tuple=False):
    return torch.nonzero(x, as_tuple=as_tuple)


def add_nonzero(suite: Suite) -> None:
    x = values([[0, 1.5, 0], [float("nan"), 0, -2]]).frozen()
    for given in (x, values([0, 3, 0, 1]).frozen(), values(0).frozen(), values(2).frozen()):
        suite.add("nonzero", nonzero, given, note=str(given.draw(None)))
        suite.add("argwhere", torch.argwhere, given, note=str(given.draw(None)))
        suite.add("nonzero", nonzero, given, {"asTuple": True}, note=str(given.draw(None)))
    suite.add("nonzero", nonzero, values([]).frozen())


def add_rows(suite: Suite) -> None:
    """indexAdd, indexCopy and indexFill."""
    at = index([2, 0])
    for dim, shape in ((0, (2, 4, 2)), (-2, (3, 2, 2))):
        suite.add("indexAdd", torch.index_add, normal(3, 4, 2), dim, at, normal(*shape))
        suite.add("indexCopy", torch.index_copy, normal(3, 4, 2), dim, at, normal(*shape))
        suite.add("indexFill", torch.index_fill, normal(3, 4, 2), dim, at, 1.5)
        suite.add("indexFill", torch.index_fill, normal(3, 4, 2), dim, at, normal())
    source = normal(3)
    suite.add("indexAdd", torch.index_add, normal(4), 0, index([3, 3, 0]), source, {"alpha": -2.5})
    suite.add("indexAdd", torch.index_add, normal(4), 0, index([3, 3, 0]), source, note="duplicates")
    suite.add("indexAdd", torch.index_add, normal(), 0, index([0]), normal(), note="rank 0")
    suite.add("indexCopy", torch.index_copy, normal(), 0, index([0]), normal(), note="rank 0")
    suite.add("indexFill", torch.index_fill, normal(), 0, index([0]), 2, note="rank 0")
    suite.add("indexFill", torch.index_fill, normal(4), 0, index([-1, -4]), 2, note="negative")
    suite.add("indexFill", torch.index_fill, normal(4), 0, index([]), 2, note="nothing")


def add_scatter(suite: Suite) -> None:
    scatter = torch.scatter
    at = index([[0, 2], [1, 0]])
    suite.add("scatter", scatter, normal(2, 3), 1, at, normal(2, 2))
    suite.add("scatter", scatter, normal(3, 2), 0, at, normal(2, 2))
    suite.add("scatter", scatter, normal(3, 2), -2, at, 2.5)
    suite.add("scatter", scatter, normal(2, 3).frozen(), 1, at, normal(2, 2))
    suite.add("scatter", scatter, normal(2, 3).frozen(), 1, at, normal(4, 5).frozen())
    suite.add("scatter", scatter, normal(4).frozen(), 0, index([1, 1, 3]), normal(3).frozen())
    suite.add("scatter", scatter, normal(), 0, index(0), normal())


REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


def add_scatter_reduce(suite: Suite) -> None:
    reduce = torch.scatter_reduce
    at, line = index([[0, 2, 0], [1, 0, 0]]), index([1, 1, 3, 1])
    alone = {"includeSelf": False}
    for how in REDUCTIONS:
        for options in ((), (alone,)):
            suite.add("scatterReduce", reduce, normal(2, 3), 1, at, distinct(2, 3), how, *options)
            suite.add("scatterReduce", reduce, normal(3, 3), 0, at, distinct(2, 3), how, *options)
            suite.add("scatterReduce", reduce, normal(5), -1, line, distinct(4), how, *options)
    ties = values([2, 2, 1])
    for how in ("amax", "amin"):
        suite.add("scatterReduce", reduce, ties, 0, index([0, 0, 2]), values([2, 2, 1]), how, note="ties")
        missing = values([1, float("nan"), 3]).frozen()
        suite.add("scatterReduce", reduce, ties.frozen(), 0, index([0, 1, 0]), missing, how, note="NaN")
    # PyTorch has no second derivative of the source with two zeros at one place.
    for src in (values([2, 0, 3, 4]), values([0, 0, 3, 4]).frozen(), values([2, 1.5, 0, 4])):
        suite.add(
            "scatterReduce", reduce, distinct(5), 0, line, src, "prod", note=str(src.draw(None)), second=False
        )
    whole = index([7, -7, 3])
    suite.add("scatterReduce", reduce, index([1, 0]), 0, index([0, 1, 0]), whole, "mean", note="ints")
    suite.add("scatterReduce", reduce, index([1, 0]), 0, index([0, 1, 0]), whole, "prod", note="ints")
    suite.add("scatterReduce", reduce, index([1, 9]), 0, index([0, 0, 0]), whole, "amax", alone)


def add_take(suite: Suite) -> None:
    suite.add("take", torch.take, normal(2, 3), index([[0, 5], [-1, 0]]))
    suite.add("take", torch.take, normal(4), index(2))
    along = torch.take_along_dim
    suite.add("takeAlongDim", along, normal(2, 3), index([[2], [0]]), 1)
    suite.add("takeAlongDim", along, normal(2, 3), index([[1, 0, 1]]), 0)
    suite.add("takeAlongDim", along, normal(1, 3), index([[1, 0], [2, 2]]), -1)
    suite.add("takeAlongDim", along, normal(2, 3), index([[5, 0]]))


def masked_scatter(x, flags, source):
    return torch.masked_scatter(x, flags, source)


def add_masks(suite: Suite) -> None:
    flags = mask([[1, 0, 1], [0, 0, 1]])
    suite.add("maskedSelect", torch.masked_select, normal(2, 3), flags)
    suite.add("maskedSelect", torch.masked_select, normal(3), flags, note="broadcast")
    suite.add("maskedSelect", torch.masked_select, normal(2, 3), mask([0, 1, 1]))
    suite.add("maskedSelect", torch.masked_select, normal(2, 3), mask([0, 0, 0]), note="nothing")
    suite.add("maskedSelect", torch.masked_select, normal(), mask(1))
    suite.add("maskedScatter", masked_scatter, normal(2, 3), flags, normal(3))
    suite.add("maskedScatter", masked_scatter, normal(2, 3), flags, normal(2, 4).frozen())
    suite.add("maskedScatter", masked_scatter, normal(2, 3), mask([1, 0, 0]), normal(2))
    suite.add("maskedScatter", masked_scatter, normal(2), mask([0, 0]), values([]).frozen())


def add_repeats(suite: Suite) -> None:
    repeat = torch.repeat_interleave
    suite.add("repeatInterleave", repeat, normal(2, 3), 2, note="flattened")
    for times in (0, 1, 3):
        suite.add("repeatInterleave", repeat, normal(2, 3), times, 1)
    suite.add("repeatInterleave", repeat, normal(2, 3), index([2, 0]), 0)
    suite.add("repeatInterleave", repeat, normal(2, 3), index([1, 3, 0]), -1)
    suite.add("repeatInterleave", repeat, normal(3), index([1, 3, 0]))
    suite.add("repeatInterleave", repeat, normal(2, 3), index([2]), 1, note="one number")


def add_multinomial(suite: Suite) -> None:
    """Weights that leave nothing to chance."""
    sure = values([0, 0, 5]).frozen()
    suite.add("multinomial", torch.multinomial, sure, 1)
    suite.add("multinomial", torch.multinomial, sure, 4, {"replacement": True})
    rows = values([[0, 2, 0], [1, 0, 0]]).frozen()
    suite.add("multinomial", torch.multinomial, rows, 1)
    suite.add("multinomial", torch.multinomial, rows, 3, {"replacement": True})
