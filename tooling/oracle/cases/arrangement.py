"""Functions that arrange, split and join tensors."""

import torch

from .inputs import index, mask, normal, values
from .suite import UNDEFINED, Suite


def spread(function):
    """A function of a list, which PyTorch takes as many arguments."""
    return lambda tensors, **options: function(*tensors, **options)


def arrangement() -> Suite:
    suite = Suite("arrangement")
    add_dims(suite)
    add_diagonals(suite)
    add_parts(suite)
    add_joins(suite)
    return suite


def add_dims(suite: Suite) -> None:
    x = normal(2, 3, 4)
    for source, destination in ((0, 2), (-1, 0), (1, 1), ([0, 1], [2, 0]), ([2, 0], [0, 1]), ([], [])):
        suite.add("movedim", torch.movedim, x, source, destination)
    suite.add("movedim", torch.movedim, normal(0, 3), 0, 1)
    suite.add("unflatten", torch.Tensor.unflatten, normal(2, 6), 1, [3, 2])
    suite.add("unflatten", torch.Tensor.unflatten, normal(2, 6), -1, [-1, 3])
    suite.add("unflatten", torch.Tensor.unflatten, normal(4, 3), 0, [2, 1, -1])
    for k in (UNDEFINED, 0, 1, 2, 3, -1, 5):
        suite.add("rot90", torch.rot90, *((normal(2, 3),) if k is UNDEFINED else (normal(2, 3), k)))
    suite.add("rot90", torch.rot90, x, 1, [1, 2])
    suite.add("rot90", torch.rot90, x, -1, [2, 0])


def add_diagonals(suite: Suite) -> None:
    for offset in (0, 1, -2):
        suite.add("diag", torch.diag, normal(3), offset)
        suite.add("diag", torch.diag, normal(3, 4), offset)
        suite.add("diagEmbed", torch.diag_embed, normal(2, 3), {"offset": offset})
        suite.add("diagEmbed", torch.diag_embed, normal(2, 3), {"offset": offset, "dim1": 0, "dim2": 2})
    suite.add("diagEmbed", torch.diag_embed, normal(2, 3), {"dim1": 2, "dim2": 0})
    suite.add("diagEmbed", torch.diag_embed, normal(3))
    suite.add("diag", torch.diag, normal(0))
    suite.add("diag", torch.diag, index([1, 2]))
    for shape in ((3, 3), (2, 4), (0, 3)):
        suite.add("trace", torch.trace, normal(*shape))
    suite.add("trace", torch.trace, index([[1, 2], [3, 4]]))


def add_parts(suite: Suite) -> None:
    for at in (1, 2, 3, 7, [1, 3], [2, 2, 9], [-2], []):
        suite.add("tensorSplit", torch.tensor_split, normal(5, 2), at)
    suite.add("tensorSplit", torch.tensor_split, normal(2, 5), 3, -1)
    suite.add("diff", torch.diff, normal(2, 5))
    for n in (0, 1, 2, 4, 7):
        suite.add("diff", torch.diff, normal(2, 5), n)
    suite.add("diff", torch.diff, normal(4, 2), 2, 0)
    edges = {"prepend": normal(2, 1), "append": normal(2, 2)}
    suite.add("diff", torch.diff, normal(2, 3), 1, -1, edges)
    suite.add("diff", torch.diff, normal(2, 3), 1, -1, {"append": normal(2, 1)})
    suite.add("diff", torch.diff, mask([1, 1, 0, 1]))
    suite.add("diff", torch.diff, index([3, 1, 4]))


def add_joins(suite: Suite) -> None:
    suite.add("hstack", torch.hstack, [normal(2, 3), normal(2, 1)])
    suite.add("hstack", torch.hstack, [normal(2), normal(3)])
    suite.add("hstack", torch.hstack, [normal(), normal()])
    suite.add("vstack", torch.vstack, [normal(2, 3), normal(1, 3)])
    suite.add("vstack", torch.vstack, [normal(3), normal(2, 3)])
    suite.add("vstack", torch.vstack, [normal(), normal()])
    suite.add("blockDiag", spread(torch.block_diag), [normal(2, 3), normal(2), normal(), normal(1, 2)])
    suite.add("blockDiag", spread(torch.block_diag), [normal(2, 2)])
    suite.add("broadcastTensors", spread(torch.broadcast_tensors), [normal(2, 1), normal(3)])
    suite.add("broadcastTensors", spread(torch.broadcast_tensors), [normal(), normal(1, 2), normal(2)])
    for indexing in ("ij", "xy"):
        for shapes in ((2, 3), (2, 3, 4), (3,)):
            vectors = [normal(extent) for extent in shapes]
            suite.add("meshgrid", spread(torch.meshgrid), vectors, {"indexing": indexing})
    suite.add("meshgrid", spread(torch.meshgrid), [normal(), values([1, 2])], {"indexing": "ij"})
    for offset in (0, 1, -1):
        for op, function in {"trilIndices": torch.tril_indices, "triuIndices": torch.triu_indices}.items():
            suite.add(op, function, 3, 4, {"offset": offset})
            suite.add(op, function, 3, 2, {"offset": offset})
