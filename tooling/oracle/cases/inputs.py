"""Inputs of a case: described where the case is written, drawn when it is added.

Every drawn value is a multiple of 1/256, so float32 holds it exactly and both precisions see
the same numbers.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from random import Random

GRID = 256


@dataclass(frozen=True)
class Input:
    """A tensor to be drawn; `kind` is "real", "index" or "mask", and only reals have gradients."""

    shape: tuple[int, ...]
    draw: Callable[[Random], list[float]]
    grad: bool = True
    kind: str = "real"

    def frozen(self) -> "Input":
        """The same input without a gradient."""
        return replace(self, grad=False)


def on_grid(value: float) -> float:
    """The nearest multiple of 1/256 other than zero."""
    return (round(value * GRID) or 1) / GRID


def normal(*shape: int) -> Input:
    """Standard normal values, never zero."""
    size = prod(shape)
    return Input(shape, lambda random: [on_grid(random.gauss(0, 1)) for _ in range(size)])


def uniform(low: float, high: float, *shape: int) -> Input:
    """Values between low and high, never zero."""
    size = prod(shape)
    return Input(shape, lambda random: [on_grid(random.uniform(low, high)) for _ in range(size)])


def signed(low: float, high: float, *shape: int) -> Input:
    """Magnitudes between low and high with random signs."""

    def draw(random: Random) -> list[float]:
        return [
            on_grid(random.uniform(low, high) * random.choice((-1, 1))) for _ in range(prod(shape))
        ]

    return Input(shape, draw)


def distinct(*shape: int) -> Input:
    """Values without ties, shuffled."""

    def draw(random: Random) -> list[float]:
        size = prod(shape)
        data = [0.375 * (k - size // 2) + 0.125 for k in range(size)]
        random.shuffle(data)
        return data

    return Input(shape, draw)


def values(data) -> Input:
    """Exactly these values (a number or nested lists), rounded to float32."""
    flat, shape = flatten(data)
    exact = [struct.unpack("f", struct.pack("f", value))[0] for value in flat]
    return Input(shape, lambda random: exact)


def index(data) -> Input:
    """Integers that point into another tensor."""
    flat, shape = flatten(data)
    return Input(shape, lambda random: flat, grad=False, kind="index")


def mask(data) -> Input:
    """Zeros and ones that choose."""
    flat, shape = flatten(data)
    return Input(shape, lambda random: flat, grad=False, kind="mask")


def flatten(data) -> tuple[list, tuple[int, ...]]:
    """Nested lists in row-major order, with their shape."""
    if not isinstance(data, list):
        return [data], ()
    parts = [flatten(item) for item in data]
    inner = parts[0][1] if parts else ()
    return [value for flat, _ in parts for value in flat], (len(data), *inner)
