"""Walks down a landscape of two parameters: what the race of the site's lesson shows."""

import torch

from .encode import rounded
from .suite import snake_case, spell

STEPS = 100
START = (-2.4, 1.8)
WALKS = [
    ("SGD", {"lr": 0.05}),
    ("SGD", {"lr": 0.02, "momentum": 0.9}),
    ("Adam", {"lr": 0.5}),
]


def ravine(place: torch.Tensor) -> torch.Tensor:
    x, y = place
    return (x**2 + 20 * y**2) / 2


def walks() -> dict:
    return {
        "title": "walks",
        "torch": torch.__version__,
        "start": list(START),
        "cases": [walk(name, options) for name, options in WALKS],
    }


def walk(name: str, options: dict) -> dict:
    """The place after each step, and the loss before it."""
    place = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([place], **snake_case(options))
    steps = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = ravine(place)
        loss.backward()
        optimizer.step()
        steps.append({"loss": rounded(loss)[0], "place": rounded(place)})
    return {
        "name": f"ravine: {name}({spell(options)})",
        "optimizer": name,
        "options": options,
        "steps": steps,
    }
