"""Linear algebra: solving, decompositions with the signs that Thalweg chooses, least squares."""

from random import Random

import torch

from .inputs import Input, normal, on_grid, values
from .suite import Suite

LA = torch.linalg


def linalg() -> Suite:
    suite = Suite("linalg")
    add_solving(suite)
    add_determinants(suite)
    add_triangles(suite)
    add_qr(suite)
    add_svd(suite)
    add_eigh(suite)
    add_least_squares(suite)
    add_norms(suite)
    add_powers(suite)
    return suite


def near_diagonal(*shape: int) -> Input:
    """Matrices with 2, 4, 6, ... on the diagonal and small elements beside it."""
    rows, columns = shape[-2:]

    def draw(random: Random) -> list[float]:
        count = 1
        for extent in shape:
            count *= extent
        places = [(k // columns % rows, k % columns) for k in range(count)]
        noise = lambda: random.uniform(-0.5, 0.5)  # noqa: E731
        return [on_grid(noise() + (2 * i + 2 if i == j else 0)) for i, j in places]

    return Input(shape, draw)


EMPTY = Input((0, 0), lambda random: [])


def add_solving(suite: Suite) -> None:
    for shape in ((1, 1), (3, 3), (2, 3, 3), (2, 1, 2, 2)):
        suite.add("inv", LA.inv, near_diagonal(*shape))
    suite.add("inv", LA.inv, values([[0, 1], [2, 0]]), note="pivot")
    for a, b in (
        ((3, 3), (3,)),
        ((3, 3), (3, 2)),
        ((2, 3, 3), (2, 3)),
        ((2, 3, 3), (3, 2)),
        ((2, 1, 2, 2), (3, 2, 1)),
    ):
        suite.add("solve", LA.solve, near_diagonal(*a), normal(*b))
    right = {"left": False}
    suite.add("solve", LA.solve, near_diagonal(3, 3), normal(2, 3), right)
    suite.add("solve", LA.solve, near_diagonal(2, 3, 3), normal(2, 3, 3), right)
    for upper in (False, True):
        for left in (False, True):
            for unit in (False, True):
                options = {"upper": upper, "left": left, "unitriangular": unit}
                b = normal(2, 3, 3)
                suite.add("solveTriangular", LA.solve_triangular, near_diagonal(3, 3), b, options)


def add_determinants(suite: Suite) -> None:
    for shape in ((1, 1), (3, 3), (2, 2, 2)):
        suite.add("det", LA.det, near_diagonal(*shape))
        suite.add("slogdet", signed_log, near_diagonal(*shape))
    singular = values([[1, 2, 3], [2, 4, 6], [1, 0, 1]])
    suite.add("det", LA.det, singular, note="singular", second=False)
    suite.add("slogdet", signed_log, values([[0, 1], [1, 0]]), note="negative")
    suite.add("slogdet", signed_log, values([[1, 2], [2, 4]]).frozen(), note="singular")
    suite.add("det", LA.det, EMPTY.frozen())
    suite.add("slogdet", signed_log, EMPTY.frozen())


def signed_log(x):
    sign, logabsdet = LA.slogdet(x)
    return {"sign": sign.detach(), "logabsdet": logabsdet}


def add_triangles(suite: Suite) -> None:
    for shape in ((1, 1), (3, 3), (2, 2, 2)):
        for options in ({}, {"upper": True}):
            suite.add("cholesky", LA.cholesky, near_diagonal(*shape), options)
    for options in ({}, {"upper": True}):
        suite.add(
            "choleskySolve",
            by_factor,
            normal(2, 3, 2),
            near_diagonal(2, 3, 3),
            options,
        )


def by_factor(b, factor, upper=False):
    """PyTorch's gradient of the factor would reach the triangle that is not read, too."""
    return torch.cholesky_solve(b, factor.triu() if upper else factor.tril(), upper)


def add_qr(suite: Suite) -> None:
    for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 3), (1, 1)):
        suite.add("qr", reduced_qr, near_diagonal(*shape))
    suite.add("qr", reduced_qr, normal(4, 4), note="signs")
    suite.add("qr", reduced_qr, near_diagonal(2, 3), {"mode": "complete"})
    suite.add("qr", reduced_qr, near_diagonal(4, 2).frozen(), {"mode": "complete"})
    suite.add("qr", reduced_qr, near_diagonal(4, 2).frozen(), {"mode": "r"})


def reduced_qr(x, mode="reduced"):
    Q, R = LA.qr(x, mode=mode)
    return {"Q": Q, "R": R}


def add_svd(suite: Suite) -> None:
    for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 3), (1, 1)):
        suite.add("svd", signed_svd, near_diagonal(*shape), {"fullMatrices": False})
        suite.add("svdvals", LA.svdvals, near_diagonal(*shape))
    suite.add("svd", signed_svd, near_diagonal(3, 3))
    equal = values([[2, 0], [0, 2]])
    suite.add("svdvals", LA.svdvals, equal, note="equal", second=False)


def signed_svd(x, full_matrices=True):
    U, S, Vh = LA.svd(x, full_matrices=full_matrices)
    longer = U if U.shape[-2] >= Vh.shape[-1] else Vh.mT
    signs = signs_of(longer)
    return {"U": U * signs, "S": S, "Vh": Vh * signs.mT}


def signs_of(columns):
    """1 or -1 for each column, which makes its largest element positive."""
    at = columns.abs().argmax(-2, keepdim=True)
    return columns.gather(-2, at).sign().detach()


def add_eigh(suite: Suite) -> None:
    for shape in ((3, 3), (2, 3, 3), (1, 1)):
        for options in ({}, {"UPLO": "U"}):
            suite.add("eigvalsh", values_of_eigh, near_diagonal(*shape), options)
            suite.add("eigh", signed_eigh, near_diagonal(*shape), options)
    suite.add("eigvalsh", values_of_eigh, values([[1, 0], [0, 1]]), note="equal", second=False)


def values_of_eigh(x, uplo="L"):
    return LA.eigvalsh(x, UPLO=uplo)


def signed_eigh(x, uplo="L"):
    eigenvalues, eigenvectors = LA.eigh(x, UPLO=uplo)
    return {"eigenvalues": eigenvalues, "eigenvectors": eigenvectors * signs_of(eigenvectors)}


def add_least_squares(suite: Suite) -> None:
    for a, b in (((4, 2), (4, 3)), ((3, 3), (3, 1)), ((2, 4), (2, 2)), ((2, 4, 2), (2, 4, 1))):
        suite.add("lstsq", solution_of, near_diagonal(*a), normal(*b))
        suite.add("lstsq", least_squares, near_diagonal(*a).frozen(), normal(*b).frozen())
    deficient = values([[1, 2], [2, 4], [3, 6]]).frozen()
    suite.add("lstsq", least_squares, deficient, normal(3, 1).frozen(), note="rank 1")
    for shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2)):
        suite.add("pinv", LA.pinv, near_diagonal(*shape))
        suite.add("matrixRank", LA.matrix_rank, near_diagonal(*shape).frozen())
    almost = values([[1, 0], [0, 0.01]])
    suite.add("pinv", LA.pinv, almost, {"rtol": 0.1}, second=False)
    for options in ({}, {"rtol": 0.1}, {"atol": 0.1}, {"atol": 0.001, "rtol": 0.001}):
        suite.add("matrixRank", LA.matrix_rank, almost.frozen(), options)
    suite.add("matrixRank", LA.matrix_rank, values([[0, 0], [0, 0]]).frozen(), note="zeros")


def matrix_norm(x, p="fro", dim=(-2, -1), keepdim=False):
    return LA.matrix_norm(x, p, tuple(dim), keepdim)


def add_norms(suite: Suite) -> None:
    for p in ("nuc", 2, -2):
        for shape in ((3, 3), (4, 2), (2, 2, 4)):
            suite.add("matrixNorm", matrix_norm, near_diagonal(*shape), {"p": p})
        dims = {"p": p, "dim": [2, 0], "keepDim": True}
        suite.add("matrixNorm", matrix_norm, normal(2, 3, 3), dims)


def solution_of(a, b):
    return {"solution": LA.lstsq(a, b).solution}


def least_squares(a, b):
    solution, residuals, rank, singular_values = LA.lstsq(a, b, driver="gelsd")
    found = {"solution": solution, "rank": rank, "singularValues": singular_values}
    is_full = int(rank.min()) == min(a.shape[-2:])
    return {**found, "residuals": residuals} if is_full else found


def add_powers(suite: Suite) -> None:
    for exponent in (0, 1, 2, 5, -1, -3):
        x = near_diagonal(2, 2, 2) if exponent else near_diagonal(2, 2, 2).frozen()
        suite.add("matrixPower", LA.matrix_power, x, exponent)
