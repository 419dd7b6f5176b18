"""Optimizers: whole trajectories of parameters under gradients that are given, not computed."""

from itertools import product
from math import prod
from random import Random

import torch

from .encode import exact, number, rounded
from .inputs import on_grid
from .suite import snake_case, spell

STEPS = 20
SHAPES = ((2, 3), (3,), (), (2, 1, 2))
# (step, parameter): no gradient at all there; parameter 2 joins only at its third step.
MISSING = {(0, 2), (1, 2), (7, 1), (12, 0), (12, 3)}
# (step, parameter): a gradient that is zero throughout; parameter 3 starts with one.
ZERO = {(0, 3), (9, 0)}

SGD = [
    {"lr": 0.1},
    {"lr": 0.1, "maximize": True},
    {"lr": 0.1, "weightDecay": 0.05},
    {"lr": 0.1, "weightDecay": 0.05, "maximize": True},
    *(
        {"lr": 0.05, "momentum": 0.9, **options}
        for options in (
            {},
            {"dampening": 0.3},
            {"nesterov": True},
            {"weightDecay": 0.1},
            {"maximize": True},
            {"nesterov": True, "weightDecay": 0.1},
            {"dampening": 0.3, "weightDecay": 0.1},
            {"nesterov": True, "weightDecay": 0.1, "maximize": True},
            {"dampening": 0.3, "weightDecay": 0.1, "maximize": True},
        )
    ),
]
ADAGRAD = [
    {},
    {"lr": 0.1},
    {"lr": 0.1, "lrDecay": 0.05},
    {"lr": 0.1, "weightDecay": 0.1},
    {"lr": 0.1, "initialAccumulatorValue": 0.5},
    {"lr": 0.1, "eps": 0.01},
    {"lr": 0.1, "lrDecay": 0.05, "weightDecay": 0.1, "initialAccumulatorValue": 0.25, "eps": 1e-6},
]
RMSPROP = [
    {},
    {"lr": 0.05, "alpha": 0.9},
    {"lr": 0.05, "eps": 0.01},
    {"lr": 0.05, "weightDecay": 0.1},
    {"lr": 0.05, "momentum": 0.9},
    {"lr": 0.05, "centered": True, "alpha": 0.9},
    {"lr": 0.05, "centered": True, "momentum": 0.5, "weightDecay": 0.1},
]
ADAM = [
    {},
    {"lr": 0.05},
    {"lr": 0.05, "betas": [0.5, 0.9]},
    {"lr": 0.05, "betas": [0, 0.99]},
    {"lr": 0.05, "eps": 0.01},
    *(
        {"lr": 0.05, "weightDecay": decay, "amsgrad": amsgrad, "maximize": maximize}
        for decay, amsgrad, maximize in product((0, 0.1), (False, True), (False, True))
    ),
    {"lr": 0.05, "betas": [0.8, 0.9], "amsgrad": True, "weightDecay": 0.2, "eps": 1e-4},
]
OPTIMIZERS = {"SGD": SGD, "Adagrad": ADAGRAD, "RMSprop": RMSPROP, "Adam": ADAM, "AdamW": ADAM}


def optimizers() -> dict:
    """One problem for all cases: starting parameters and the gradients of every step."""
    random = Random(20)
    start = [draw(random, shape) for shape in SHAPES]
    gradients = [[gradient(random, step, i) for i in range(len(SHAPES))] for step in range(STEPS)]
    return {
        "title": "optimizers",
        "torch": torch.__version__,
        "parameters": [{"shape": list(p.shape), "data": exact(p)} for p in start],
        "gradients": [[None if g is None else exact(g) for g in step] for step in gradients],
        "cases": [
            run(name, options, start, gradients)
            for name, every in OPTIMIZERS.items()
            for options in every
        ],
    }


def draw(random: Random, shape: tuple[int, ...]) -> torch.Tensor:
    data = [on_grid(random.gauss(0, 1)) for _ in range(prod(shape))]
    return torch.tensor(data, dtype=torch.float64).reshape(shape)


def gradient(random: Random, step: int, i: int) -> torch.Tensor | None:
    """A random gradient whose size wanders over two orders of magnitude."""
    drawn = draw(random, SHAPES[i]) * (4.0, 1.0, 0.25, 0.0625)[step % 4]
    if (step, i) in MISSING:
        return None
    return drawn * 0 if (step, i) in ZERO else drawn


def run(name: str, options: dict, start: list, gradients: list) -> dict:
    """The parameters after every step."""
    parameters = [p.clone().requires_grad_() for p in start]
    optimizer = getattr(torch.optim, name)(parameters, **snake_case(options))
    trajectory = []
    for step in gradients:
        for parameter, grad in zip(parameters, step, strict=True):
            parameter.grad = None if grad is None else grad.clone()
        optimizer.step()
        trajectory.append([rounded(p) for p in parameters])
    return {
        "name": f"{name}({spell(options)})",
        "optimizer": name,
        "options": options,
        "trajectory": trajectory,
    }


# The gradients to clip: several shapes, one parameter without a gradient, one with zeros.
CLIPPED = ([[3, -4], [0, 12]], [0.5, -0.25, 2], None, -1.5, [0, 0])
NORMS = (1, 2, float("inf"), 3)


def clipping() -> dict:
    cases = [clip(limit, p) for limit in (0.5, 5, 100) for p in NORMS]
    cases.append(clip(1, None))
    cases.append(clip(1, 2, scale=0))
    return {"title": "clipping", "torch": torch.__version__, "cases": cases}


def clip(limit: float, p: float | None, scale: float = 1) -> dict:
    """clipGradNorm_ on the gradients above, times `scale`."""
    grads = [None if g is None else torch.tensor(g, dtype=torch.float64) * scale for g in CLIPPED]
    parameters = [torch.zeros_like(g if g is not None else torch.zeros(2)) for g in grads]
    for parameter, grad in zip(parameters, grads, strict=True):
        parameter.grad = None if grad is None else grad.clone()
    keywords = {} if p is None else {"norm_type": p}
    total = torch.nn.utils.clip_grad_norm_(parameters, limit, **keywords)
    options = {} if p is None else {"normType": number(float(p))}
    note = "" if scale == 1 else f", gradients times {scale}"
    return {
        "name": f"clipGradNorm_(parameters, {limit}, {spell(options)}){note}",
        "maxNorm": limit,
        "options": options,
        "gradients": [
            None if g is None else {"shape": list(g.shape), "data": exact(g)} for g in grads
        ],
        "total": rounded(total)[0],
        "clipped": [None if q.grad is None else rounded(q.grad) for q in parameters],
    }
