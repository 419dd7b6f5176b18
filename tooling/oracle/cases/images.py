"""Distances, dropout where it draws nothing, and functions that resize images."""

import torch
import torch.nn.functional as F

from .inputs import normal, signed, values
from .suite import Suite


def images() -> Suite:
    suite = Suite("images")
    add_distances(suite)
    add_dropout(suite)
    add_sizes(suite)
    return suite


def cdist(a, b, p=2):
    """cdist by its definition, because PyTorch's has no second derivative."""
    return torch.linalg.vector_norm(a.unsqueeze(-2) - b.unsqueeze(-3), p, -1)


def add_distances(suite: Suite) -> None:
    for options in ({}, {"p": 1}, {"p": 3, "dim": 0}, {"dim": -1, "eps": 2}):
        suite.add("normalize", F.normalize, normal(2, 3), options)
    suite.add("normalize", F.normalize, values([[0, 0], [3, 4]]).frozen())
    suite.add("cosineSimilarity", F.cosine_similarity, normal(2, 3), normal(2, 3))
    suite.add("cosineSimilarity", F.cosine_similarity, normal(2, 3, 2), normal(3, 2), {"dim": -1})
    suite.add("cosineSimilarity", F.cosine_similarity, normal(2, 3), normal(2, 3), {"dim": 0})
    zeros = values([[0, 0], [3, 4]]).frozen()
    suite.add("cosineSimilarity", F.cosine_similarity, zeros, normal(2, 2).frozen())
    for options in ({}, {"p": 1}, {"p": 3, "eps": 0.5}, {"p": float("inf")}, {"keepDim": True}):
        suite.add("pairwiseDistance", F.pairwise_distance, normal(2, 3), normal(2, 3), options)
    suite.add("pairwiseDistance", F.pairwise_distance, normal(3), normal(2, 3))
    for p in (2, 1, 3, float("inf")):
        suite.add("cdist", cdist, normal(2, 3), normal(4, 3), {"p": p})
    suite.add("cdist", cdist, normal(2, 3).frozen(), normal(4, 3).frozen(), {"p": 0})
    suite.add("cdist", cdist, normal(2, 3, 2), normal(1, 4, 2))
    suite.add("cdist", cdist, normal(0, 2), normal(3, 2))
    same = values([[1, 2], [3, 5]])
    suite.add("cdist", cdist, same, values([[1, 2], [0, 5]]), second=False)


def add_dropout(suite: Suite) -> None:
    for op, function in {"dropout": F.dropout, "dropout2d": F.dropout2d}.items():
        for options in ({"training": False}, {"p": 0}, {"p": 1}):
            suite.add(op, function, normal(2, 3, 2, 2), options)


def add_sizes(suite: Suite) -> None:
    x = normal(2, 1, 3, 4)
    for options in ({"size": [5, 2]}, {"size": 4}, {"scaleFactor": 2}, {"scaleFactor": [1.5, 0.5]}, {"size": [7, 9]}):
        suite.add("interpolate", F.interpolate, x, options)
        for corners in (False, True):
            bilinear = {**options, "mode": "bilinear", "alignCorners": corners}
            suite.add("interpolate", F.interpolate, x, bilinear)
    suite.add("interpolate", F.interpolate, x, {"size": [1, 1], "mode": "bilinear", "alignCorners": True})
    suite.add("interpolate", F.interpolate, normal(1, 2, 5), {"size": 3})
    suite.add("interpolate", F.interpolate, normal(1, 1, 2, 3, 2), {"scaleFactor": 2})
    suite.add("interpolate", F.interpolate, normal(1, 1, 3, 3), {"size": [3, 3], "mode": "bilinear"})
    for r in (1, 2, 3):
        suite.add("pixelShuffle", F.pixel_shuffle, signed(0.5, 2, 2, 2 * r * r, 2, 3), r)
        suite.add("pixelUnshuffle", F.pixel_unshuffle, signed(0.5, 2, 2, 2, 2 * r, 3 * r), r)
    suite.add("pixelShuffle", F.pixel_shuffle, normal(4, 1, 2), 2)
