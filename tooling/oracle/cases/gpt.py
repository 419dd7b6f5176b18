"""The model of apps/pronounce, trained for some steps from the same parameters and with the same batches."""

from pathlib import Path

import torch

from gpt import GPT, optimizer_of, rate_factor, take_step

from .checkpoint import safetensors

STEPS, RATE = 100, 0.01
SIZES = {"vocabulary": 13, "context": 12, "layers": 2, "width": 16, "heads": 2, "dropout": 0, "checkpoint": False}
MODELS = {
    "gpt": {**SIZES, "positions": "learned", "norm": "layer", "activation": "gelu"},
    "gpt-rotary": {**SIZES, "positions": "rotary", "norm": "rms", "activation": "swiglu"},
    "gpt-sinusoidal": {**SIZES, "positions": "sinusoidal", "norm": "rms", "activation": "gelu"},
}


def gpt(folder: Path) -> dict:
    """Writes the parameters at the start and in the end as files; the cases hold batches and losses."""
    cases = [train(folder, name, config) for name, config in MODELS.items()]
    return {"title": "gpt", "torch": torch.__version__, "cases": cases}


def batches() -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Sequences that count up by their first token, of several lengths. The first two tokens are only read."""
    result = []
    for k in range(10):
        inputs = torch.zeros(8, 12, dtype=torch.long)
        targets = torch.full((8, 12), -100)
        for row in range(8):
            step, length = 1 + (3 * row + k) % 5, 5 + (row + 2 * k) % 8
            tokens = torch.tensor([(2 + row + k + i * step) % 13 for i in range(length + 1)])
            inputs[row, :length] = tokens[:-1]
            targets[row, 1:length] = tokens[2:]
        result.append((inputs, targets))
    return result


def train(folder: Path, name: str, config: dict) -> dict:
    torch.manual_seed(7)
    model = GPT(config)
    start = copied(model)
    optimizer = optimizer_of(model, RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_factor(step / STEPS))
    given = batches()
    losses = []
    for step in range(STEPS):
        losses.append(take_step(model, optimizer, *given[step % len(given)]).item())
        schedule.step()
    (folder / f"{name}-start.safetensors").write_bytes(safetensors(start))
    (folder / f"{name}-end.safetensors").write_bytes(safetensors(copied(model)))
    with torch.no_grad():
        scores = model(given[0][0])
    return {
        "name": name,
        "config": config,
        "lr": RATE,
        "batches": [{"inputs": i.tolist(), "targets": t.tolist()} for i, t in given],
        "losses": [float(f"{loss:.7g}") for loss in losses],
        "scores": [[[float(f"{x:.6g}") for x in row] for row in rows] for rows in scores.tolist()],
    }


def copied(model: GPT) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items() if name != "lm_head.weight"}
