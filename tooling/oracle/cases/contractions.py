"""Matrix products in every combination of ranks, and einsum."""

import torch
from torch.nn import functional as F

from .inputs import normal
from .suite import Suite

MATMUL_SHAPES = (
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((2, 3), (3, 4)),
    ((1, 3), (3, 1)),
    ((5, 2, 3), (5, 3, 4)),
    ((2, 1, 3, 4), (5, 4, 2)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((1, 2, 3), (5, 3, 4)),
    ((3,), (2, 3, 4)),
    ((2, 4, 3), (3,)),
    ((2, 3, 2, 4), (2, 3, 4, 2)),
    ((9, 17), (17, 13)),
)
EINSUMS = (
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("ba", (2, 3)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("ij->ji", (2, 3)),
    ("ij->", (2, 3)),
    ("ij->j", (2, 3)),
    ("i,i->", (4,), (4,)),
    ("i,j->ij", (2,), (3,)),
    ("ij,ij->ij", (2, 3), (2, 3)),
    ("ij,kj->ik", (2, 3), (4, 3)),
    ("bhid,bhjd->bhij", (2, 2, 3, 4), (2, 2, 2, 4)),
    ("...ij,...jk->...ik", (2, 2, 3), (2, 3, 2)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (4, 3, 2)),
    ("...i->...", (2, 3, 4)),
    ("bi,ij,bj->b", (2, 3), (3, 4), (2, 4)),
    ("ijk,jil->kl", (2, 3, 2), (3, 2, 4)),
    ("bii->b", (2, 3, 3)),
    ("ij,k->i", (2, 3), (4,)),
)


def contractions() -> Suite:
    suite = Suite("contractions")
    for a, b in MATMUL_SHAPES:
        suite.add("matmul", torch.matmul, normal(*a), normal(*b))
    suite.add("matmul", torch.matmul, normal(2, 3), normal(3, 4).frozen())
    suite.add("matmul", torch.matmul, normal(2, 3).frozen(), normal(3, 4))
    for shape in ((4,), (5, 4), (2, 3, 4)):
        suite.add("linear", F.linear, normal(*shape), normal(3, 4))
        suite.add("linear", F.linear, normal(*shape), normal(3, 4), normal(3))
    suite.add("dot", torch.dot, normal(5), normal(5))
    suite.add("bmm", torch.bmm, normal(2, 3, 4), normal(2, 4, 2))
    suite.add("outer", torch.outer, normal(3), normal(4))
    for equation, *shapes in EINSUMS:
        suite.add("einsum", torch.einsum, equation, *(normal(*shape) for shape in shapes))
    add_empty(suite)
    return suite


def add_empty(suite: Suite) -> None:
    suite.add("matmul", torch.matmul, normal(2, 0), normal(0, 3))
    suite.add("matmul", torch.matmul, normal(0, 2), normal(2, 3))
