"""Averaged weights: parameters that PyTorch's AveragedModel has after a series of states, and statistics of update_bn."""

import torch
from torch.optim.swa_utils import AveragedModel, update_bn

from .encode import exact, rounded

STATES = 8


def averaged(name: str, decay: float | None) -> dict:
    torch.manual_seed(len(name))
    model = torch.nn.Linear(3, 2).double()
    average = AveragedModel(model) if decay is None else AveragedModel(model, avg_fn=lambda a, p, _: decay * a + (1 - decay) * p)
    states = []
    for _ in range(STATES):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(torch.randint(-512, 512, parameter.shape) / 256)
        states.append([exact(parameter) for parameter in model.parameters()])
        average.update_parameters(model)
    return {
        "name": name,
        "options": {} if decay is None else {"decay": decay},
        "states": states,
        "expected": [rounded(parameter) for parameter in average.module.parameters()],
    }


def statistics() -> dict:
    torch.manual_seed(3)
    model = torch.nn.BatchNorm1d(4).double()
    batches = [torch.randint(-512, 512, (size, 4)).double() / 256 for size in (5, 8, 3)]
    update_bn(batches, model)
    return {
        "name": "updateBatchNorm",
        "options": {},
        "states": [[exact(batch)] for batch in batches],
        "expected": [rounded(model.running_mean), rounded(model.running_var)],
    }


def averages() -> dict:
    cases = [averaged("equal weights", None), averaged("decay 0.9", 0.9), averaged("decay 0.5", 0.5), statistics()]
    return {"title": "averages", "torch": torch.__version__, "cases": cases}
