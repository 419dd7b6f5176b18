"""Views, and the ops that copy with a new layout."""

import torch
import torch.nn.functional as F

from .inputs import normal
from .suite import UNDEFINED, Suite


def views() -> Suite:
    suite = Suite("views")
    add_shapes(suite)
    add_order(suite)
    add_parts(suite)
    add_slices(suite)
    add_windows(suite)
    return suite


def squeeze(x, dim=None):
    return x.squeeze() if dim is None else x.squeeze(dim)


def add_shapes(suite: Suite) -> None:
    for shape in ([6], [3, 2], [1, 2, 3], [-1, 2], [3, -1, 1]):
        suite.add("reshape", torch.reshape, normal(2, 3), shape)
    suite.add("reshape", torch.reshape, normal(), [1, 1])
    suite.add("reshape", torch.reshape, normal(1), [])
    for args in ((), (0,), (2,), (-2,), (1,)):
        suite.add("squeeze", squeeze, normal(1, 3, 1, 2), *args)
    for dim in (0, 1, 2, -1, -3):
        suite.add("unsqueeze", torch.unsqueeze, normal(2, 3), dim)
    for args in ((), (1,), (0, 1), (-2, -1), (1, UNDEFINED)):
        suite.add("flatten", flatten, normal(2, 3, 2), *args)
    suite.add("flatten", flatten, normal())
    for source, shape in (((3, 1), [3, 4]), ((3,), [2, 3]), ((1, 3), [-1, 3]), ((), [2, 2])):
        suite.add("expand", torch.Tensor.expand, normal(*source), shape)
    suite.add("expand", torch.Tensor.expand, normal(2, 1, 1), [3, 2, 4, -1])


def flatten(x, start=None, end=None):
    return torch.flatten(x, 0 if start is None else start, -1 if end is None else end)


def add_order(suite: Suite) -> None:
    for dims in ([1, 0, 2], [2, 0, 1], [-1, 0, 1], [0, 1, 2]):
        suite.add("permute", torch.permute, normal(2, 3, 4), dims)
    for dims in ((0, 1), (-1, 0), (1, 1), (1, 2)):
        suite.add("transpose", torch.transpose, normal(2, 3, 2), *dims)
    for dims in ([0], [1], [0, -1], [0, 1, 2]):
        suite.add("flip", torch.flip, normal(2, 3, 2), dims)
    for shift, dim in ((1, 0), (-1, 1), (5, -1), (2, 1)):
        suite.add("roll", torch.roll, normal(2, 3), shift, dim)


def add_parts(suite: Suite) -> None:
    for dim, start, length in ((0, 1, 2), (1, 0, 3), (-1, 1, 1), (1, 2, 0)):
        suite.add("narrow", torch.narrow, normal(3, 4), dim, start, length)
    for dim, at in ((0, 1), (1, -1), (-1, 0)):
        suite.add("select", torch.select, normal(3, 4), dim, at)
    for size, dim in ((2, 0), (3, 1), (4, 1), ([1, 3], 1), ([1, 0, 3], -1)):
        suite.add("split", torch.split, normal(3, 4), size, dim)
    for count, dim in ((2, 0), (3, 1), (4, -1), (5, 1), (1, 0)):
        suite.add("chunk", torch.chunk, normal(3, 4), count, dim)
    for dim in (0, 1, -1):
        suite.add("unbind", torch.unbind, normal(2, 3, 2), dim)
    pair = [normal(2, 3), normal(2, 3)]
    for dim in (0, 1, -1):
        suite.add("cat", torch.cat, pair, dim)
        suite.add("stack", torch.stack, pair, dim)
    suite.add("cat", torch.cat, [normal(2, 1), normal(2, 3), normal(2, 2).frozen()], 1)
    suite.add("cat", torch.cat, [normal(1, 2), normal(0, 2), normal(2, 2)], 0)
    suite.add("cat", torch.cat, [normal(3)], 0)
    suite.add("stack", torch.stack, [normal(), normal(), normal()], 0)
    suite.add("stack", torch.stack, [normal(2, 2), normal(2, 2)], 2)


def cut(x, *ranges):
    """slice: a range is null (all), an index (drops the dimension) or [start, end, step?]."""
    return x[tuple(slice(*part) if isinstance(part, list) else part_of(part) for part in ranges)]


def part_of(part):
    return slice(None) if part is None else part


def add_slices(suite: Suite) -> None:
    every = (
        ([0, 2],),
        (None, [1, 3]),
        (1,),
        (-1, [0, 3]),
        ([1, 3], -2),
        ([0, 4, 2], [1, 5, 3]),
        ([-3, -1], None),
        ([2, 2],),
        ([1, 100], [-100, 2]),
        (2, 3),
    )
    for ranges in every:
        suite.add("slice", cut, normal(4, 5), *ranges)
    suite.add("slice", cut, normal(2, 3, 4), None, 1, [0, 4, 3])


def add_windows(suite: Suite) -> None:
    for options in ({}, {"offset": 1}, {"offset": -1}, {"offset": 3}):
        suite.add("diagonal", torch.diagonal, normal(3, 4), options)
    suite.add("diagonal", torch.diagonal, normal(2, 3, 4), {"dim1": 1, "dim2": 2})
    suite.add("diagonal", torch.diagonal, normal(3, 2, 3), {"offset": -1, "dim1": -1, "dim2": 0})
    for dim, size, step in ((0, 2, 1), (1, 3, 2), (-1, 2, 3), (1, 5, 1)):
        suite.add("unfold", torch.Tensor.unfold, normal(3, 5), dim, size, step)
    suite.add("unfold", torch.Tensor.unfold, normal(7), 0, 3, 2)


def copies() -> Suite:
    suite = Suite("copies")
    suite.add("clone", torch.clone, normal(2, 3))
    for counts in ([2, 3], [3, 1, 2], [1, 1]):
        suite.add("repeat", torch.Tensor.repeat, normal(2, 3), counts)
        suite.add("tile", torch.tile, normal(2, 3), counts)
    suite.add("repeat", torch.Tensor.repeat, normal(), [2])
    suite.add("tile", torch.tile, normal(2, 3), [2])
    for op, function in {"tril": torch.tril, "triu": torch.triu}.items():
        suite.add(op, function, normal(3, 4))
        for diagonal in (1, -1, 0, 3):
            suite.add(op, function, normal(3, 4), diagonal)
        suite.add(op, function, normal(2, 3, 3), 1)
    add_pad(suite)
    return suite


def add_pad(suite: Suite) -> None:
    for pads in ([1, 2], [0, 1, 2, 0], [-1, 1], [-1, -1, 1, -1], [1, 0, 0, 1, 2, 0]):
        suite.add("pad", F.pad, normal(2, 3, 4), pads)
    suite.add("pad", F.pad, normal(2, 3), [1, 1], {"value": -1.5})
    suite.add("pad", F.pad, normal(2, 3), [1, -1, 0, 2], {"mode": "constant", "value": 0.5})
    for mode in ("reflect", "replicate", "circular"):
        suite.add("pad", F.pad, normal(2, 3, 4), [2, 1], {"mode": mode})
        suite.add("pad", F.pad, normal(2, 3, 4), [0, 3], {"mode": mode})
        suite.add("pad", F.pad, normal(2, 3, 6), [2, -1], {"mode": mode})
        suite.add("pad", F.pad, normal(2, 3, 6), [-2, 3], {"mode": mode})
        suite.add("pad", F.pad, normal(1, 2, 3, 4), [1, 2, 2, 0], {"mode": mode})
    suite.add("pad", F.pad, normal(2, 2, 3), [4, 5], {"mode": "replicate"})
    suite.add("pad", F.pad, normal(1, 2, 5), [-1, 2], {"mode": "reflect"})
    suite.add("pad", F.pad, normal(1, 2, 5), [2, -2], {"mode": "replicate"})
