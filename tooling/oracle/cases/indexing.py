"""Ops that read and write by index."""

import torch
import torch.nn.functional as F

from .inputs import distinct, index, normal
from .suite import Suite


def indexing() -> Suite:
    suite = Suite("indexing")
    add_gather(suite)
    add_scatter(suite)
    add_select(suite)
    add_bags(suite)
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
    for options in ({"paddingIdx": 1}, {"paddingIdx": -1}, {"maxNorm": 0.5}, {"maxNorm": 1, "normType": 1, "paddingIdx": 0}):
        suite.add("embedding", F.embedding, index([[0, 3], [1, 3]]), normal(4, 2), options)


def embedding_bag(x, weight, offsets=None, mode="mean", per_sample_weights=None, include_last_offset=False, padding_idx=None):
    """PyTorch's function, written out: this version cannot differentiate it twice."""
    ends = [] if offsets is None else offsets.tolist() + ([] if include_last_offset else [len(x)])
    parts = list(x) if offsets is None else [x[a:b] for a, b in zip(ends, ends[1:])]
    factors = torch.ones(x.shape, dtype=weight.dtype) if per_sample_weights is None else per_sample_weights
    shares = list(factors) if offsets is None else [factors[a:b] for a, b in zip(ends, ends[1:])]
    bags = []
    for part, share in zip(parts, shares, strict=True):
        kept = torch.ones(len(part), dtype=torch.bool)
        if padding_idx is not None:
            kept = part != padding_idx % len(weight)
        rows = weight[part[kept]] * share[kept].unsqueeze(1)
        if len(rows) == 0:
            bags.append(rows.sum(0))
        else:
            bags.append({"sum": rows.sum, "mean": rows.mean, "max": rows.amax}[mode](0))
    y = torch.stack(bags)
    options = {"mode": mode, "include_last_offset": include_last_offset, "padding_idx": padding_idx}
    expected = F.embedding_bag(x, weight, offsets, per_sample_weights=per_sample_weights, **options)
    torch.testing.assert_close(y, expected)
    return y


def add_bags(suite: Suite) -> None:
    matrix, vector = index([[0, 2, 1], [3, 3, 0]]), index([0, 2, 1, 3, 3, 1])
    for mode in ("sum", "mean", "max"):
        table = distinct(4, 2) if mode == "max" else normal(4, 2)

        def add(x, options):
            suite.add("embeddingBag", embedding_bag, x, table, {"mode": mode, **options})

        for options in ({}, {"paddingIdx": 1}, {"paddingIdx": -1}):
            add(matrix, options)
            add(vector, {"offsets": index([0, 2, 2, 5]), **options})
            add(vector, {"offsets": index([0, 1, 6]), "includeLastOffset": True, **options})
        add(index([2]), {"offsets": index([0, 1, 1])})
    suite.add("embeddingBag", embedding_bag, matrix, normal(4, 3))
    for x, offsets in ((matrix, {}), (vector, {"offsets": index([0, 4])})):
        weights = {"perSampleWeights": normal(*x.shape), "mode": "sum"}
        suite.add("embeddingBag", embedding_bag, x, normal(4, 2), {**offsets, **weights})
        padded = {**offsets, **weights, "paddingIdx": 3}
        suite.add("embeddingBag", embedding_bag, x, normal(4, 2), padded)
