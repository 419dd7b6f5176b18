"""Ops that read and write by index."""

import torch
import torch.nn.functional as F

from .inputs import index, normal
from .suite import Suite


def indexing() -> Suite:
    suite = Suite("indexing")
    add_gather(suite)
    add_scatter(suite)
    add_select(suite)
    for classes in (3, 5):
        suite.add("oneHot", F.one_hot, index([0, 2, 1]), classes)
    suite.add("oneHot", F.one_hot, index([[0, 1], [1, 0]]), 2)
    suite.add("oneHot", F.one_hot, index(1), 3)
    return suite


def add_gather(suite: Suite) -> None:
    gather = torch.gather
    suite.add("gather", gather, normal(2, 3), 1, index([[0, 2], [1, 1]]), note="duplicates")
    suite.add(
        "gather", gather, normal(2, 3), -1, index([[2, 2, 2, 0], [0, 0, 1, 0]]), note="duplicates"
    )
    suite.add("gather", gather, normal(3, 2), 0, index([[0, 1], [0, 2], [0, 0], [2, 2]]))
    suite.add("gather", gather, normal(3, 4), 0, index([[2, 0]]), note="smaller index")
    batches = index([[[0, 1], [1, 1], [3, 0]], [[2, 2], [0, 1], [3, 3]]])
    suite.add("gather", gather, normal(2, 3, 4), 2, batches, note="batch dims")
    suite.add("gather", gather, normal(2, 4, 2), 1, batches, note="batch dims")
    suite.add("gather", gather, normal(4), 0, index([3, 3, 0]))


def add_scatter(suite: Suite) -> None:
    scatter = torch.scatter_add
    index2 = index([[0, 2], [1, 1]])
    suite.add("scatterAdd", scatter, normal(2, 3), 1, index2, normal(2, 2), note="duplicates")
    suite.add("scatterAdd", scatter, normal(3, 2), 0, index2, normal(2, 2))
    suite.add("scatterAdd", scatter, normal(2, 3), -1, index2, normal(2, 2).frozen())
    suite.add("scatterAdd", scatter, normal(2, 3).frozen(), 1, index2, normal(2, 2))
    suite.add("scatterAdd", scatter, normal(2, 3), 1, index2, normal(3, 4).frozen())
    suite.add(
        "scatterAdd", scatter, normal(4), 0, index([3, 3, 0, 3, 0]), normal(5), note="duplicates"
    )
    batches = index([[[0, 1], [1, 1]], [[2, 2], [0, 1]]])
    suite.add("scatterAdd", scatter, normal(2, 2, 3), 2, batches, normal(2, 2, 2))


def add_select(suite: Suite) -> None:
    for dim, size in ((0, 3), (1, 4), (-1, 2)):
        x = normal(3, 4, 2)
        suite.add("indexSelect", torch.index_select, x, dim, index([size - 1, 0, 0]))
    suite.add("indexSelect", torch.index_select, normal(3), 0, index([1]))
    suite.add("embedding", F.embedding, index([0, 3, 3, 1]), normal(4, 2), note="duplicates")
    suite.add("embedding", F.embedding, index([[0, 1], [2, 0]]), normal(4, 3))
    suite.add("embedding", F.embedding, index(2), normal(4, 3))
