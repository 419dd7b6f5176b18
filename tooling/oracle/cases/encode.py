"""Numbers and tensors as JSON: short, deterministic, with names for values that JSON lacks."""

import json
from math import isfinite, isnan
from pathlib import Path

import torch

DIGITS = 15


def number(value, digits: int | None = None):
    """A JSON number, or the name of a value that is not finite."""
    if isinstance(value, (bool, int)):
        return int(value)
    if isnan(value):
        return "NaN"
    if not isfinite(value):
        return "Infinity" if value > 0 else "-Infinity"
    if digits is not None:
        value = float(f"{value:.{digits}g}")
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def exact(data: torch.Tensor) -> list:
    """Values of an input, without rounding."""
    return [number(value) for value in data.reshape(-1).tolist()]


def rounded(data: torch.Tensor) -> list:
    """Values of a result, to 15 significant digits."""
    return [number(value, DIGITS) for value in data.detach().reshape(-1).tolist()]


def write(path: Path, fixture: dict) -> None:
    """One line for each case, so that a regenerated fixture differs where a case does."""
    head = {key: value for key, value in fixture.items() if key != "cases"}
    lines = ",\n".join(compact(case) for case in fixture["cases"])
    path.write_text(f'{compact(head)[:-1]},"cases":[\n{lines}\n]}}\n')


def compact(value) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
