"""Products of tensors beyond matmul, and what is made of them."""

import torch

from .inputs import index, normal, signed, uniform, values
from .suite import Suite

INF, NAN = float("inf"), float("nan")


def products() -> Suite:
    suite = Suite("products")
    add_sums(suite)
    add_tensordot(suite)
    add_kron(suite)
    add_cross(suite)
    add_covariance(suite)
    add_matrix_norm(suite)
    return suite


def add_sums(suite: Suite) -> None:
    batches = (2, 3, 4), (2, 4, 5)
    for op, function, shape, a, b in (
        ("addmm", torch.addmm, (3, 5), (3, 4), (4, 5)),
        ("addmv", torch.addmv, (3,), (3, 4), (4,)),
        ("baddbmm", torch.baddbmm, (2, 3, 5), *batches),
        ("addbmm", torch.addbmm, (3, 5), *batches),
    ):
        suite.add(op, function, normal(*shape), normal(*a), normal(*b))
        factors = {"beta": 0.5, "alpha": -2}
        suite.add(op, function, normal(*shape), normal(*a), normal(*b), factors)
        suite.add(op, function, normal(1), normal(*a), normal(*b), note="broadcast")
    missing = values([[NAN, INF], [1, 2]]).frozen()
    suite.add("addmm", torch.addmm, missing, normal(2, 3), normal(3, 2), {"beta": 0}, note="NaN")


def add_tensordot(suite: Suite) -> None:
    suite.add("tensordot", torch.tensordot, normal(2, 3, 4), normal(3, 4, 2))
    suite.add("tensordot", torch.tensordot, normal(2, 3), normal(3, 4), 1)
    suite.add("tensordot", torch.tensordot, normal(2, 3), normal(4), 0)
    suite.add("tensordot", torch.tensordot, normal(2, 3, 4), normal(4, 5, 2), [[2, 0], [0, 2]])
    suite.add("tensordot", torch.tensordot, normal(2, 3, 4), normal(3, 2), [[-2], [0]])
    for a, b in (((3,), (3,)), ((2, 3), (4, 3)), ((2, 3), (3,)), ((2, 3), ()), ((2, 2, 3), (2, 3))):
        suite.add("inner", torch.inner, normal(*a), normal(*b))


def add_kron(suite: Suite) -> None:
    for a, b in (((2,), (3,)), ((2, 3), (3, 2)), ((2,), (2, 3)), ((2, 1, 2), (3,)), ((), (2,))):
        suite.add("kron", torch.kron, normal(*a), normal(*b))


def add_cross(suite: Suite) -> None:
    # Without a dimension PyTorch takes the first of size 3, as Thalweg does.
    suite.add("cross", torch.cross, normal(3), normal(3))
    suite.add("cross", torch.cross, normal(2, 3, 3), normal(2, 3, 3))
    suite.add("cross", torch.cross, normal(2, 3, 3), normal(2, 3, 3), -1)
    last = lambda a, b, dim: torch.linalg.cross(a, b, dim=dim)  # noqa: E731
    suite.add("cross", last, normal(2, 3), normal(1, 3), -1, note="broadcast")


def add_covariance(suite: Suite) -> None:
    suite.add("cov", torch.cov, normal(3, 5))
    suite.add("cov", torch.cov, normal(3, 5), {"correction": 0})
    suite.add("cov", torch.cov, normal(6))
    counts, shares = index([1, 3, 1, 2, 2]), uniform(0.25, 2, 5).frozen()
    for options in ({"fweights": counts}, {"aweights": shares}, {"fweights": counts, "aweights": shares}):
        suite.add("cov", torch.cov, normal(3, 5), options)
        suite.add("cov", torch.cov, normal(3, 5), {**options, "correction": 0})
    suite.add("cov", torch.cov, normal(2, 1).frozen(), note="one observation")
    suite.add("corrcoef", torch.corrcoef, normal(3, 5))
    suite.add("corrcoef", torch.corrcoef, values([[1, 2, 3], [2, 2, 2]]).frozen(), note="constant row")
    suite.add("corrcoef", torch.corrcoef, normal(4).frozen(), note="a vector")


def matrix_norm(x, p="fro", dim=(-2, -1), keepdim=False):
    return torch.linalg.matrix_norm(x, p, tuple(dim), keepdim)


def add_matrix_norm(suite: Suite) -> None:
    for p in ("fro", 1, -1, INF, -INF):
        suite.add("matrixNorm", matrix_norm, signed(0.25, 3, 3, 4), {"p": p})
        dims = {"p": p, "dim": [0, 2], "keepDim": True}
        suite.add("matrixNorm", matrix_norm, signed(0.25, 3, 2, 3, 4), dims)
        suite.add("matrixNorm", matrix_norm, signed(0.25, 3, 2, 3, 4), {"p": p, "dim": [-1, 0]})
    suite.add("matrixNorm", matrix_norm, normal(2, 3))
