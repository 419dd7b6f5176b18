"""Schedulers: the learning rates of two parameter groups over 40 steps."""

from math import cos

import torch
from torch.optim import lr_scheduler

from .encode import DIGITS, number
from .suite import snake_case, spell

STEPS = 40
RATES = (0.5, 0.02)
CASES = {
    "StepLR": [
        {"stepSize": 7},
        {"stepSize": 10, "gamma": 0.5},
        {"stepSize": 1, "gamma": 0.9},
        {"stepSize": 50},
    ],
    "ExponentialLR": [{"gamma": 0.9}, {"gamma": 1}, {"gamma": 1.05}],
    "CosineAnnealingLR": [
        {"tMax": 40},
        {"tMax": 10},
        {"tMax": 13, "etaMin": 0.01},
        {"tMax": 1, "etaMin": 0.001},
        {"tMax": 100},
    ],
}
PLATEAU = [
    {},
    {"patience": 2},
    {"patience": 0, "factor": 0.5},
    {"mode": "max", "patience": 3, "factor": 0.5},
    {"mode": "max", "patience": 2, "factor": 0.5, "thresholdMode": "abs", "threshold": 0.1},
    {"patience": 2, "factor": 0.5, "cooldown": 4},
    {"patience": 1, "factor": 0.1, "minLr": 0.001},
    {"patience": 1, "factor": 0.5, "thresholdMode": "abs", "threshold": 0.05},
    {"patience": 1, "factor": 0.5, "thresholdMode": "rel", "threshold": 0.2},
    {"patience": 1, "factor": 0.1, "eps": 0.001},
    {"patience": 1, "factor": 0.5, "minLr": 0.01, "cooldown": 2, "eps": 1e-4},
]
# A loss that falls, stalls, jumps, and falls again; and its mirror for mode "max".
SERIES = {
    "min": [round(2 / (1 + t / 4) + 0.3 * cos(t) ** 2 + (t > 25), 3) for t in range(STEPS)],
    "max": [round(1 - 1 / (1 + t / 4) + 0.2 * cos(t), 3) for t in range(STEPS)],
}


def schedulers() -> dict:
    cases = [run(name, options) for name, every in CASES.items() for options in every]
    cases += [run("ReduceLROnPlateau", o, SERIES[o.get("mode", "min")]) for o in PLATEAU]
    cases.append(run("ReduceLROnPlateau", {"patience": 2}, [1.0] * STEPS, note="a constant"))
    return {
        "title": "schedulers",
        "torch": torch.__version__,
        "initial": list(RATES),
        "cases": cases,
    }


def run(name: str, options: dict, metrics: list[float] | None = None, note: str = "") -> dict:
    """The rates before the first step and after each."""
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in RATES]
    optimizer = torch.optim.SGD(groups, lr=1)
    scheduler = getattr(lr_scheduler, name)(optimizer, **renamed(options))
    rates = [current(optimizer)]
    for step in range(STEPS):
        optimizer.step()
        scheduler.step(*([] if metrics is None else [metrics[step]]))
        rates.append(current(optimizer))
    case = {
        "name": f"{name}({spell(options)}){', ' if note else ''}{note}",
        "scheduler": name,
        "options": options,
        "rates": rates,
    }
    return case if metrics is None else {**case, "metrics": metrics}


def renamed(options: dict) -> dict:
    """snake_case, but for T_max, which PyTorch writes with a capital."""
    spelled = snake_case(options)
    return {"T_max" if key == "t_max" else key: value for key, value in spelled.items()}


def current(optimizer) -> list[float]:
    return [number(group["lr"], DIGITS) for group in optimizer.param_groups]
