"""Layers: PyTorch's weights go in, its outputs and gradients are expected back."""

from random import Random
from zlib import crc32

import torch

from .encode import exact, rounded
from .inputs import normal
from .suite import draw, snake_case, spell

# layer, positional arguments, options, shape of the input
LAYERS = (
    ("Linear", (4, 3), {}, (5, 4)),
    ("Linear", (4, 3), {}, (4,)),
    ("Linear", (4, 3), {}, (2, 3, 4)),
    ("Linear", (4, 3), {"bias": False}, (5, 4)),
    ("Linear", (4, 3), {"bias": False}, (4,)),
    ("Linear", (1, 1), {}, (3, 1)),
    ("Linear", (17, 9), {}, (6, 17)),
)


def layers() -> dict:
    cases = [layer(*case) for case in LAYERS]
    return {"title": "layers", "torch": torch.__version__, "cases": cases}


def layer(name: str, args: tuple, options: dict, shape: tuple[int, ...]) -> dict:
    """One forward and backward pass, all parameters drawn."""
    written = [str(arg) for arg in args] + ([spell(options)] if options else [])
    title = f"{name}({', '.join(written)}) on {spell(list(shape))}"
    random = Random(crc32(title.encode()))
    module = getattr(torch.nn, name)(*args, **snake_case(options)).double()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(draw(normal(*parameter.shape), random))
    x = draw(normal(*shape), random)
    output = module(x)
    seed = draw(normal(*output.shape).frozen(), random)
    output.backward(seed)
    return {
        "name": title,
        "layer": name,
        "args": [*args, options] if options else list(args),
        "state": {key: tensor(value) for key, value in module.state_dict().items()},
        "input": tensor(x),
        "output": {"shape": list(output.shape), "data": rounded(output), "seed": exact(seed)},
        "inputGrad": rounded(x.grad),
        "grads": {key: rounded(p.grad) for key, p in module.named_parameters()},
    }


def tensor(value: torch.Tensor) -> dict:
    return {"shape": list(value.shape), "data": exact(value)}
