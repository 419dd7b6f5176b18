"""Schedulers: the learning rates of two parameter groups over 40 steps."""

from math import cos, pi

import torch
from torch.optim import lr_scheduler, swa_utils

from .encode import DIGITS, number
from .suite import snake_case, spell

STEPS = 40
RATES = (0.5, 0.02)
# Functions of the epoch or cycle, by the names in the cases; schedulers.test.ts has the same.
FUNCTIONS = {
    "inverse": lambda t: 1 / (1 + t),
    "stairs": lambda t: 0.5 ** (t // 5),
    "wave": lambda t: 0.5 * (1 + cos(t)),
}
CASES = {
    "LambdaLR": [
        {"lrLambda": "inverse"},
        {"lrLambda": ["stairs", "wave"]},
    ],
    "MultiStepLR": [
        {"milestones": [5, 20, 21]},
        {"milestones": [3, 12, 12, 30], "gamma": 0.5},
        {"milestones": [0, 60], "gamma": 0.5},
    ],
    "LinearLR": [
        {},
        {"startFactor": 0.1, "totalIters": 20},
        {"startFactor": 1, "endFactor": 0, "totalIters": 13},
        {"startFactor": 0.5, "endFactor": 0.25, "totalIters": 50},
        {"startFactor": 0.5, "endFactor": 0.5, "totalIters": 1},
    ],
    "CosineAnnealingWarmRestarts": [
        {"t0": 10},
        {"t0": 1},
        {"t0": 3, "tMult": 2, "etaMin": 0.01},
        {"t0": 50},
    ],
    "OneCycleLR": [
        {"maxLr": 0.5, "totalSteps": 40},
        {"maxLr": [0.5, 0.1], "totalSteps": 50, "annealStrategy": "linear"},
        {"maxLr": 1, "epochs": 4, "stepsPerEpoch": 11, "pctStart": 0.5, "divFactor": 10},
        {"maxLr": 1, "totalSteps": 44, "threePhase": True, "finalDivFactor": 100},
        {
            "maxLr": 1,
            "totalSteps": 44,
            "pctStart": 0.25,
            "threePhase": True,
            "annealStrategy": "linear",
            "baseMomentum": [0.7, 0.8],
            "maxMomentum": 0.9,
        },
        {"maxLr": 1, "totalSteps": 42, "cycleMomentum": False},
    ],
    "CyclicLR": [
        {"baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 5},
        {"baseLr": [0.01, 0.02], "maxLr": [0.1, 0.4], "stepSizeUp": 3, "stepSizeDown": 8},
        {"baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 5, "mode": "triangular2"},
        {"baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 5, "mode": "expRange", "gamma": 0.95},
        {"baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 5, "scaleFn": "inverse"},
        {
            "baseLr": 0.01,
            "maxLr": 0.1,
            "stepSizeUp": 4,
            "stepSizeDown": 2,
            "scaleFn": "wave",
            "scaleMode": "iterations",
            "baseMomentum": [0.7, 0.5],
            "maxMomentum": [0.9, 0.95],
        },
        {"baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 50, "cycleMomentum": False},
    ],
    "SequentialLR": [
        {
            "schedulers": [["LinearLR", {"totalIters": 4}], ["ExponentialLR", {"gamma": 0.9}]],
            "milestones": [5],
        },
        {
            "schedulers": [
                ["LinearLR", {"startFactor": 0.1, "totalIters": 3}],
                ["CosineAnnealingLR", {"tMax": 20}],
                ["StepLR", {"stepSize": 4, "gamma": 0.5}],
            ],
            "milestones": [3, 17],
        },
        {
            "schedulers": [
                ["MultiStepLR", {"milestones": [2, 4], "gamma": 0.5}],
                ["LambdaLR", {"lrLambda": "inverse"}],
                ["CosineAnnealingWarmRestarts", {"t0": 4}],
            ],
            "milestones": [6, 15],
        },
    ],
    "StepLR": [
        {"stepSize": 7},
        {"stepSize": 10, "gamma": 0.5},
        {"stepSize": 1, "gamma": 0.9},
        {"stepSize": 50},
    ],
    "ExponentialLR": [{"gamma": 0.9}, {"gamma": 1}, {"gamma": 1.05}],
    "CosineWarmupLR": [
        {"warmupSteps": 5, "totalSteps": 40},
        {"warmupSteps": 0, "totalSteps": 30},
        {"warmupSteps": 7, "totalSteps": 20, "startFactor": 0.25, "etaMin": 0.01},
    ],
    "SWALR": [
        {"swaLr": 0.05},
        {"swaLr": [0.05, 0.3], "annealEpochs": 25, "annealStrategy": "linear"},
        {"swaLr": 0.1, "annealEpochs": 0},
    ],
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
    cases += [run("OneCycleLR", o, adam=True) for o in CASES["OneCycleLR"][:2]]
    cases += [run("ReduceLROnPlateau", o, SERIES[o.get("mode", "min")]) for o in PLATEAU]
    cases.append(run("ReduceLROnPlateau", {"patience": 2}, [1.0] * STEPS, note="a constant"))
    return {
        "title": "schedulers",
        "torch": torch.__version__,
        "initial": list(RATES),
        "cases": cases,
    }


def run(
    name: str,
    options: dict,
    metrics: list[float] | None = None,
    note: str = "",
    adam: bool = False,
) -> dict:
    """The rates, and momenta where they change, before the first step and after each."""
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in RATES]
    optimizer = torch.optim.Adam(groups) if adam else torch.optim.SGD(groups, lr=1, momentum=0.5)
    scheduler = make(name, optimizer, options)
    rates, momenta = [current(optimizer)], [momentum(optimizer)]
    for step in range(STEPS):
        optimizer.step()
        scheduler.step(*([] if metrics is None else [metrics[step]]))
        rates.append(current(optimizer))
        momenta.append(momentum(optimizer))
    note = "Adam" if adam else note
    case = {
        "name": f"{name}({spell(options)}){', ' if note else ''}{note}",
        "scheduler": name,
        "options": options,
        "rates": rates,
    }
    if adam:
        case["optimizer"] = "Adam"
    if any(m != momenta[0] for m in momenta):
        case["momenta"] = momenta
    return case if metrics is None else {**case, "metrics": metrics}


def make(name: str, optimizer, options: dict):
    if name == "CosineWarmupLR":
        return lr_scheduler.LambdaLR(optimizer, [warmup(rate, **options) for rate in RATES])
    keywords = renamed(options)
    if "schedulers" in keywords:
        keywords["schedulers"] = [make(part, optimizer, o) for part, o in keywords["schedulers"]]
    for key in ("lr_lambda", "scale_fn"):
        if key in keywords:
            keywords[key] = function(keywords[key])
    if keywords.get("mode") == "expRange":
        keywords["mode"] = "exp_range"
    return getattr(swa_utils if name == "SWALR" else lr_scheduler, name)(optimizer, **keywords)


def warmup(rate: float, warmupSteps: int, totalSteps: int, startFactor: float = 0, etaMin: float = 0):
    """The factors of a rate that rises along a line and falls along half a cosine, which PyTorch has no class for."""

    def factor(step: int) -> float:
        if step < warmupSteps:
            return startFactor + (1 - startFactor) * step / warmupSteps
        share = min(1, (step - warmupSteps) / (totalSteps - warmupSteps))
        return (etaMin + (rate - etaMin) * (1 + cos(pi * share)) / 2) / rate

    return factor


def function(name: str | list[str]):
    return [function(n) for n in name] if isinstance(name, list) else FUNCTIONS[name]


def renamed(options: dict) -> dict:
    """snake_case, except for T_max and the like, which PyTorch writes with a capital."""
    capitals = {"t_max": "T_max", "t0": "T_0", "t_mult": "T_mult"}
    return {capitals.get(key, key): value for key, value in snake_case(options).items()}


def current(optimizer) -> list[float]:
    return [number(group["lr"], DIGITS) for group in optimizer.param_groups]


def momentum(optimizer) -> list[float]:
    """The momentum of SGD, the first beta of Adam."""
    return [
        number(group["betas"][0] if "betas" in group else group["momentum"], DIGITS)
        for group in optimizer.param_groups
    ]
