"""Optimizers: whole trajectories of parameters under given, not computed, gradients."""

from itertools import product
from math import prod
from random import Random

import torch

from .encode import exact, number, rounded
from .inputs import on_grid
from .papers import PAPERS, Transcribed
from .suite import snake_case, spell

STEPS = 20
SHAPES = ((2, 3), (3,), (), (2, 1, 2))
# (step, parameter): no gradient at all there; parameter 2 joins only at its third step.
MISSING = {(0, 2), (1, 2), (7, 1), (12, 0), (12, 3)}
# (step, parameter): a gradient of zeros; parameter 3 starts with one.
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
    {"lr": 0.1, "weightDecay": 0.1, "maximize": True},
    {"lr": 0.1, "lrDecay": 0.05, "weightDecay": 0.1, "initialAccumulatorValue": 0.25, "eps": 1e-6},
]
RMSPROP = [
    {},
    {"lr": 0.05, "alpha": 0.9},
    {"lr": 0.05, "eps": 0.01},
    {"lr": 0.05, "weightDecay": 0.1},
    {"lr": 0.05, "momentum": 0.9},
    {"lr": 0.05, "weightDecay": 0.1, "maximize": True},
    {"lr": 0.05, "centered": True, "alpha": 0.9},
    {"lr": 0.05, "centered": True, "momentum": 0.5, "weightDecay": 0.1},
]
ADADELTA = [
    {},
    {"lr": 0.5, "rho": 0.8},
    {"rho": 1},
    {"eps": 0.01},
    {"eps": 0.01, "weightDecay": 0.1},
    {"eps": 0.01, "maximize": True},
    {"eps": 0.01, "weightDecay": 0.1, "maximize": True},
]
ADAMAX = [
    {},
    {"lr": 0.05, "betas": [0.5, 0.9]},
    {"lr": 0.05, "betas": [0, 0.99]},
    {"lr": 0.05, "eps": 0.1},
    {"lr": 0.05, "weightDecay": 0.1},
    {"lr": 0.05, "weightDecay": 0.1, "maximize": True},
]
# Last in both: options that newer versions of PyTorch have, and that this one is made to imitate.
DECAYS = [
    {"weightDecay": 0.1},
    {"maximize": True},
    {"weightDecay": 0.1, "maximize": True},
    {"weightDecay": 0.1, "decoupledWeightDecay": True},
    {"weightDecay": 0.1, "decoupledWeightDecay": True, "maximize": True},
]
NADAM = [
    {},
    {"lr": 0.05, "betas": [0.5, 0.9]},
    {"lr": 0.05, "betas": [0, 0.99]},
    {"lr": 0.05, "eps": 0.1},
    {"lr": 0.05, "momentumDecay": 0},
    {"lr": 0.05, "momentumDecay": 0.5},
    *({"lr": 0.05, **options} for options in DECAYS),
]
RADAM = [
    {},
    {"lr": 0.05, "betas": [0.5, 0.9]},
    {"lr": 0.05, "betas": [0.9, 0.6]},
    {"lr": 0.05, "betas": [0, 0.99]},
    {"lr": 0.05, "eps": 0.1},
    *({"lr": 0.05, **options} for options in DECAYS),
]
LION = [
    {},
    {"lr": 0.02},
    {"lr": 0.02, "betas": [0.5, 0.9]},
    {"lr": 0.02, "betas": [0, 0.99]},
    {"lr": 0.02, "weightDecay": 0.1},
    {"lr": 0.02, "maximize": True},
    {"lr": 0.02, "weightDecay": 0.1, "maximize": True},
]
LAMB = [
    {},
    {"lr": 0.05, "betas": [0.5, 0.9]},
    {"lr": 0.05, "eps": 0.1},
    {"lr": 0.05, "weightDecay": 0.1},
    {"lr": 0.05, "maxNorm": 1},
    {"lr": 0.05, "maxNorm": 0},
    {"lr": 0.05, "maximize": True},
    {"lr": 0.05, "weightDecay": 0.1, "maxNorm": 2, "maximize": True},
]
MUON = [
    {},
    {"lr": 0.05},
    {"lr": 0.05, "weightDecay": 0},
    {"lr": 0.05, "momentum": 0.5},
    {"lr": 0.05, "nesterov": False},
    {"lr": 0.05, "nsSteps": 2},
    {"lr": 0.05, "nsCoefficients": [2, -1.5, 0.5]},
    {"lr": 0.05, "eps": 10},
    {"lr": 0.05, "adjustLrFn": "matchRmsAdamw"},
    {"lr": 0.05, "maximize": True},
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
OPTIMIZERS = {
    "SGD": SGD,
    "Adagrad": ADAGRAD,
    "RMSprop": RMSPROP,
    "Adam": ADAM,
    "AdamW": ADAM,
    "Adadelta": ADADELTA,
    "Adamax": ADAMAX,
    "NAdam": NADAM,
    "RAdam": RADAM,
    "Lion": LION,
    "LAMB": LAMB,
    "Muon": MUON,
}


def optimizers() -> dict:
    """One problem for all cases: starting parameters and the gradients of every step."""
    # NAdam keeps a product of rates in a tensor of the default type.
    torch.set_default_dtype(torch.float64)
    random = Random(20)
    start = [draw(random, shape) for shape in SHAPES]
    gradients = [[gradient(random, step, i) for i in range(len(SHAPES))] for step in range(STEPS)]
    cases = [run(name, options, start, gradients) for name, every in OPTIMIZERS.items() for options in every]
    torch.set_default_dtype(torch.float32)
    return {
        "title": "optimizers",
        "torch": torch.__version__,
        "parameters": [{"shape": list(p.shape), "data": exact(p)} for p in start],
        "gradients": [[None if g is None else exact(g) for g in step] for step in gradients],
        "cases": cases,
    }


def draw(random: Random, shape: tuple[int, ...]) -> torch.Tensor:
    data = [on_grid(random.gauss(0, 1)) for _ in range(prod(shape))]
    return torch.tensor(data, dtype=torch.float64).reshape(shape)


def gradient(random: Random, step: int, i: int) -> torch.Tensor | None:
    """A random gradient whose size varies over two orders of magnitude."""
    drawn = draw(random, SHAPES[i]) * (4.0, 1.0, 0.25, 0.0625)[step % 4]
    if (step, i) in MISSING:
        return None
    return drawn * 0 if (step, i) in ZERO else drawn


def run(name: str, options: dict, start: list, gradients: list) -> dict:
    """The parameters after every step."""
    chosen = [i for i, p in enumerate(start) if name != "Muon" or p.ndim >= 2]
    parameters = [start[i].clone().requires_grad_() for i in chosen]
    keywords = snake_case(options)
    sign, decay = 1, 0
    if name in ("NAdam", "RAdam"):
        sign = -1 if keywords.pop("maximize", False) else 1
        if keywords.pop("decoupled_weight_decay", False):
            decay = keywords["lr"] * keywords.pop("weight_decay")
    if "adjust_lr_fn" in keywords:
        keywords["adjust_lr_fn"] = "match_rms_adamw"
    if name in PAPERS:
        optimizer = Transcribed(name, parameters, keywords)
    else:
        optimizer = getattr(torch.optim, name)(parameters, **keywords)
    trajectory = []
    for step in gradients:
        for parameter, i in zip(parameters, chosen, strict=True):
            parameter.grad = None if step[i] is None else sign * step[i]
            if step[i] is not None:
                parameter.data.mul_(1 - decay)
        optimizer.step()
        trajectory.append([rounded(p) for p in parameters])
    return {
        "name": f"{name}({spell(options)})",
        "optimizer": name,
        "options": options,
        **({} if len(chosen) == len(start) else {"parameters": chosen}),
        "trajectory": trajectory,
    }


# The least squares of `convex`, and the starting points of both problems.
TARGET = (0.5, -1, 2, 0.25, -0.5, 1.5, -2)
WEIGHT = (1, 0.5, 2, 4, 1.5, 0.75, 3)
STARTS = {"convex": ([[1, -2], [0.5, 3]], [-1, 0.25, 2]), "valley": ([[-1.25, 1]], [0.5])}
LBFGS = [
    ("convex", {"lr": 0.5, "maxIter": 2}),
    ("convex", {"lr": 0.25, "maxIter": 1, "historySize": 3}),
    ("convex", {"lr": 0.5, "maxIter": 6, "historySize": 1, "toleranceGrad": 0.01}),
    ("convex", {"lr": 0.5, "maxIter": 4, "maxEval": 2, "toleranceChange": 0.001}),
    ("convex", {"maxIter": 1, "lineSearchFn": "strongWolfe"}),
    ("convex", {"lr": 8, "maxIter": 1, "historySize": 2, "lineSearchFn": "strongWolfe"}),
    ("valley", {"lr": 0.01, "maxIter": 2}),
    ("valley", {"maxIter": 1, "lineSearchFn": "strongWolfe"}),
    ("valley", {"maxIter": 3, "historySize": 2, "lineSearchFn": "strongWolfe"}),
    ("valley", {"lr": 0.001, "maxIter": 2, "lineSearchFn": "strongWolfe"}),
    ("valley", {"maxIter": 9, "maxEval": 4, "lineSearchFn": "strongWolfe"}),
    ("valley", {"lineSearchFn": "strongWolfe"}),
]


def convex(v: torch.Tensor) -> torch.Tensor:
    """Least squares with weights, and a softplus that couples all coordinates."""
    target, weight = (torch.tensor(data, dtype=torch.float64) for data in (TARGET, WEIGHT))
    return (weight * (v - target) ** 2).sum() + torch.nn.functional.softplus(v.sum())


def valley(v: torch.Tensor) -> torch.Tensor:
    """Rosenbrock's function with a gentle slope: a steep one multiplies errors of rounding."""
    return ((v[:-1] - 1) ** 2 + 5 * (v[1:] - v[:-1] ** 2) ** 2).sum()


def lbfgs() -> dict:
    """Here gradients come from the parameters: the same functions are in lbfgs.test.ts."""
    return {
        "title": "lbfgs",
        "torch": torch.__version__,
        "target": list(TARGET),
        "weight": list(WEIGHT),
        "cases": [search(problem, options) for problem, options in LBFGS],
    }


def search(problem: str, options: dict) -> dict:
    """Parameters, loss and the number of evaluations so far after each step."""
    parameters = [torch.tensor(p, dtype=torch.float64) for p in STARTS[problem]]
    start = [{"shape": list(p.shape), "data": exact(p)} for p in parameters]
    keywords = snake_case(options)
    if "line_search_fn" in keywords:
        keywords["line_search_fn"] = "strong_wolfe"
    optimizer = torch.optim.LBFGS([p.requires_grad_() for p in parameters], **keywords)
    function = {"convex": convex, "valley": valley}[problem]

    def closure():
        optimizer.zero_grad()
        loss = function(torch.cat([p.reshape(-1) for p in parameters]))
        loss.backward()
        return loss

    steps = []
    for _ in range(STEPS):
        loss = optimizer.step(closure)
        evaluations = optimizer.state[parameters[0]]["func_evals"]
        found = [rounded(p) for p in parameters]
        steps.append({"loss": rounded(loss)[0], "evaluations": evaluations, "parameters": found})
    return {
        "name": f"{problem}: LBFGS({spell(options)})",
        "problem": problem,
        "options": options,
        "start": start,
        "steps": steps,
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
