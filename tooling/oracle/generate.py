"""Asks PyTorch for the values and gradients that Thalweg's tests compare with.

    /usr/bin/python3 tooling/oracle/generate.py

Running it again changes nothing: the numbers of a case depend on its name alone.
"""

import json
from pathlib import Path

import torch

from cases.arrangement import arrangement
from cases.averages import averages
from cases.checkpoint import checkpoint
from cases.contractions import contractions
from cases.distributed import distributed, samplers
from cases.distributions import distributions
from cases.encode import write
from cases.everyday import everyday
from cases.gpt import gpt
from cases.images import images
from cases.indexing import indexing
from cases.linalg import linalg
from cases.losses import losses
from cases.maps import maps
from cases.metrics import metrics
from cases.modules import modules
from cases.nn import layers
from cases.norms import norms
from cases.optimizers import clipping, lbfgs, optimizers
from cases.points import points
from cases.preprocessing import preprocessing
from cases.products import products
from cases.reductions import reductions, scans, softmaxes
from cases.schedulers import schedulers
from cases.selections import selections
from cases.splits import splits
from cases.statistics import statistics
from cases.types import types
from cases.views import copies, views
from cases.walks import walks
from cases.windows import windows

FIXTURES = Path(__file__).parent / "fixtures"
OPS = (
    maps,
    points,
    reductions,
    scans,
    softmaxes,
    contractions,
    windows,
    norms,
    indexing,
    views,
    copies,
    losses,
    everyday,
    arrangement,
    images,
    selections,
    statistics,
    products,
    linalg,
)
OTHERS = (
    layers,
    modules,
    optimizers,
    lbfgs,
    clipping,
    schedulers,
    types,
    walks,
    distributed,
    samplers,
    metrics,
    splits,
    preprocessing,
    averages,
    distributions,
)


def main() -> None:
    torch.set_num_threads(1)
    counts = {}
    for suite in OPS:
        save("ops", suite().fixture(), counts)
    for fixture in OTHERS:
        save("", fixture(), counts)
    save("", checkpoint(FIXTURES), counts)
    save("", gpt(FIXTURES), counts)
    (FIXTURES / "counts.json").write_text(json.dumps(counts, indent=2) + "\n")
    print(f"{sum(counts.values())} cases")


def save(folder: str, fixture: dict, counts: dict[str, int]) -> None:
    """Writes one fixture and notes how many cases it holds."""
    name = f"{folder}/{fixture['title']}".lstrip("/")
    path = FIXTURES / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, fixture)
    counts[name] = len(fixture["cases"])
    print(f"{name}: {counts[name]} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
