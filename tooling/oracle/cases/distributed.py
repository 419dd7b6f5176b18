"""Training on several ranks, a process each, by DistributedDataParallel; and DistributedSampler."""

import os
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import torch
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DistributedSampler

from .encode import exact, rounded
from .suite import snake_case

RANKS = 3
STEPS = 20
ROWS = 4
FEATURES = 16
TARGETS = 2

PLAIN = [["Linear", FEATURES, 8], ["Tanh"], ["Linear", 8, TARGETS]]
# A bias before batch norm has a gradient of rounding errors, which Adam divides by their size.
NORMALIZED = [
    ["Linear", FEATURES, 8, {"bias": False}],
    ["BatchNorm1d", 8],
    ["Tanh"],
    ["Linear", 8, TARGETS],
]
IMAGES = [
    ["Unflatten", 1, [1, 4, 4]],
    ["Conv2d", 1, 4, 3, {"bias": False}],
    ["BatchNorm2d", 4],
    ["ReLU"],
    ["Flatten"],
    ["Linear", 16, TARGETS],
]
SGD = ("SGD", {"lr": 0.05, "momentum": 0.9})
ADAM = ("Adam", {"lr": 0.01})

# `alone` is one process on the rows of all ranks. `accumulates` adds the gradients of every second
# step to those of the next. `extra` are the ranks that use a parameter which the others do not.
CASES = [
    ("plain, SGD", PLAIN, SGD, {}),
    ("plain, Adam", PLAIN, ADAM, {}),
    ("plain, Adam, accumulated", PLAIN, ADAM, {"accumulates": True}),
    ("a parameter of one rank, SGD", PLAIN, SGD, {"extra": [1]}),
    ("batch norm, SGD", NORMALIZED, SGD, {}),
    ("batch norm, Adam", NORMALIZED, ADAM, {}),
    ("images, batch norm, SGD", IMAGES, SGD, {}),
    # SyncBatchNorm does not run on the CPU: one process has the statistics of all rows.
    ("synchronized batch norm, SGD", NORMALIZED, SGD, {"alone": True}),
    ("images, synchronized batch norm, Adam", IMAGES, ADAM, {"alone": True}),
]
LENGTHS = ((1, 3), (3, 3), (10, 1), (10, 3), (11, 3), (12, 3), (2, 5), (13, 8), (16, 8))
SAMPLERS = [(length, ranks, drop) for length, ranks in LENGTHS for drop in (False, True)]


def make(name: str, *args) -> torch.nn.Module:
    """A layer; a trailing dict holds its options."""
    *positional, last = (*args, {}) if not args or not isinstance(args[-1], dict) else args
    return getattr(torch.nn, name)(*positional, **last)


class Model(torch.nn.Module):
    """Layers, and a parameter that only some ranks use."""

    def __init__(self, layers: list, extra: list[int]):
        super().__init__()
        self.layers = torch.nn.Sequential(*(make(*layer) for layer in layers))
        self.ranks = extra
        if extra:
            self.extra = torch.nn.Parameter(torch.zeros(TARGETS))

    def forward(self, x: torch.Tensor, rank: int) -> torch.Tensor:
        y = self.layers(x)
        return y + self.extra if rank in self.ranks else y


def drawn(random: Random, *shape: int, scale: int) -> torch.Tensor:
    count = torch.Size(shape).numel()
    values = [random.randint(-32, 32) / scale for _ in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def data() -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and targets by step and rank."""
    random = Random(1)
    shape = (STEPS, RANKS, ROWS)
    return drawn(random, *shape, FEATURES, scale=16), drawn(random, *shape, TARGETS, scale=16)


def model_of(layers: list, extra: list[int]) -> Model:
    """The model of a case, with the parameters that it starts with."""
    model = Model(layers, extra).double()
    random = Random(2)
    with torch.no_grad():
        for parameter in model.layers.parameters():
            parameter.copy_(drawn(random, *parameter.shape, scale=64))
        for layer in model.layers:
            if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm):
                layer.weight += 1
    return model


def train(layers: list, named: tuple[str, dict], options: dict, rank: int | None) -> dict:
    """The state of the model after all steps on the rows of a rank, or of all ranks."""
    model = model_of(layers, options.get("extra", []))
    unused = "extra" in options
    parallel = (
        model
        if rank is None
        else DistributedDataParallel(model, find_unused_parameters=unused)
    )
    name, settings = named
    optimizer = getattr(torch.optim, name)(model.parameters(), **snake_case(settings))
    for step, (x, y) in enumerate(zip(*data(), strict=True)):
        rows = [part.flatten(0, 1) if rank is None else part[rank] for part in (x, y)]

        def backward(x: torch.Tensor, y: torch.Tensor) -> None:
            torch.nn.functional.mse_loss(parallel(x, rank), y).backward()

        if options.get("accumulates") and step % 2 == 0:
            with parallel.no_sync():
                backward(*rows)
            continue
        backward(*rows)
        optimizer.step()
        optimizer.zero_grad()
    return model.state_dict()


def train_rank(rank: int, folder: str) -> list[dict | None]:
    """What a rank has at the end of each case that has several."""
    torch.set_num_threads(1)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{Path(folder, 'meeting')}", rank=rank, world_size=RANKS
    )
    states = [
        None if options.get("alone") else train(layers, named, options, rank)
        for _, layers, named, options in CASES
    ]
    torch.distributed.destroy_process_group()
    return states


def encode_state(state: dict) -> dict:
    return {key: {"shape": list(x.shape), "data": rounded(x)} for key, x in state.items()}


def distributed() -> dict:
    """Final parameters and buffers; buffers of the ranks differ, parameters do not."""
    with TemporaryDirectory() as folder, get_context("spawn").Pool(RANKS) as pool:
        # A rank waits for the others, so each has a process.
        ranks = pool.starmap(train_rank, [(rank, folder) for rank in range(RANKS)], chunksize=1)
    cases = []
    for i, (title, layers, (name, settings), options) in enumerate(CASES):
        start = model_of(layers, options.get("extra", []))
        buffers = [key for key, _ in start.named_buffers()]
        if options.get("alone"):
            states = [train(layers, (name, settings), options, None)]
        else:
            states = [of_rank[i] for of_rank in ranks]
        final = encode_state(states[0])
        cases.append(
            {
                "name": title,
                "layers": layers,
                "optimizer": name,
                "options": settings,
                "alone": False,
                "accumulates": False,
                "extra": [],
                **options,
                "start": {
                    key: {"shape": list(value.shape), "data": exact(value)}
                    for key, value in start.state_dict().items()
                },
                "parameters": {key: value for key, value in final.items() if key not in buffers},
                "buffers": [{key: encode_state(state)[key] for key in buffers} for state in states],
            }
        )
    x, y = data()
    return {
        "title": "distributed",
        "torch": torch.__version__,
        "ranks": RANKS,
        "steps": STEPS,
        "rows": ROWS,
        "x": exact(x),
        "y": exact(y),
        "cases": cases,
    }


def samplers() -> dict:
    """The positions that DistributedSampler gives to each rank, without shuffling."""
    cases = []
    for length, ranks, drop in SAMPLERS:
        indices = [
            list(DistributedSampler(range(length), ranks, rank, shuffle=False, drop_last=drop))
            for rank in range(ranks)
        ]
        cases.append({"length": length, "ranks": ranks, "dropLast": drop, "indices": indices})
    return {"title": "samplers", "torch": torch.__version__, "cases": cases}
