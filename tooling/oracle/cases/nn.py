"""Layers: PyTorch's weights go in, its outputs and gradients are expected back."""

from random import Random
from zlib import crc32

import torch

from .encode import exact, rounded
from .inputs import distinct, normal, uniform
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
    ("Conv1d", (2, 4, 3), {"stride": 2, "padding": 1, "groups": 2}, (2, 2, 7)),
    ("Conv1d", (2, 3, 4), {"padding": "same", "paddingMode": "circular", "bias": False}, (1, 2, 5)),
    ("Conv2d", (2, 3, 3), {}, (2, 2, 5, 4)),
    ("Conv2d", (4, 2, (2, 3)), {"groups": 2, "dilation": [2, 1], "padding": [1, 2]}, (1, 4, 4, 5)),
    ("Conv2d", (1, 2, 3), {"padding": [1, 2], "paddingMode": "reflect"}, (2, 1, 4, 4)),
    ("Conv2d", (1, 2, (2, 3)), {"padding": "same", "paddingMode": "replicate"}, (1, 1, 3, 4)),
    ("ConvTranspose2d", (2, 3, 3), {"stride": 2, "padding": 1, "outputPadding": 1}, (2, 2, 3, 2)),
    ("ConvTranspose2d", (4, 2, 2), {"groups": 2, "dilation": 2, "bias": False}, (4, 3, 2)),
    ("MaxPool1d", (3,), {"stride": 2, "padding": 1}, (2, 2, 6)),
    ("MaxPool2d", (2,), {"ceilMode": True}, (2, 1, 5, 4)),
    ("AvgPool1d", (2,), {}, (1, 2, 5)),
    ("AvgPool2d", (3,), {"padding": 1, "stride": 2, "countIncludePad": False}, (2, 1, 5, 4)),
    ("AdaptiveAvgPool2d", ((2, 3),), {}, (2, 2, 5, 4)),
    ("LayerNorm", (5,), {}, (2, 3, 5)),
    ("LayerNorm", ((3, 2),), {"eps": 0.1, "elementwiseAffine": False}, (2, 3, 2)),
    ("GroupNorm", (2, 4), {}, (3, 4, 3)),
    ("GroupNorm", (3, 3), {"affine": False}, (2, 3, 2, 2)),
    ("BatchNorm1d", (3,), {}, (4, 3)),
    ("BatchNorm1d", (2,), {"momentum": 0.3, "eps": 0.1}, (3, 2, 4)),
    ("BatchNorm1d", (2,), {"momentum": None}, (5, 2)),
    ("BatchNorm2d", (2,), {}, (2, 2, 3, 2)),
    ("BatchNorm2d", (2,), {"affine": False}, (2, 2, 3, 2)),
    ("BatchNorm2d", (2,), {"trackRunningStats": False}, (2, 2, 2, 2)),
)
EVALUATED = (
    ("BatchNorm1d", (3,), {}, (4, 3)),
    ("BatchNorm2d", (2,), {"eps": 0.1}, (1, 2, 3, 2)),
    ("BatchNorm2d", (2,), {"trackRunningStats": False}, (2, 2, 2, 2)),
)


def layers() -> dict:
    cases = [layer(*case) for case in LAYERS] + [layer(*case, False) for case in EVALUATED]
    return {"title": "layers", "torch": torch.__version__, "cases": cases}


def layer(name: str, args: tuple, options: dict, shape: tuple[int, ...], training=True) -> dict:
    """One forward and backward pass, all parameters and buffers drawn."""
    written = [spell(arg) for arg in args] + ([spell(options)] if options else [])
    title = f"{name}({', '.join(written)}) on {spell(list(shape))}{'' if training else ', evaluated'}"
    random = Random(crc32(title.encode()))
    module = getattr(torch.nn, name)(*args, **snake_case(options)).double().train(training)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(draw(normal(*parameter.shape), random))
        for key, buffer in module.named_buffers():
            if buffer.is_floating_point():
                spread = uniform(0.5, 2, *buffer.shape) if "var" in key else normal(*buffer.shape)
                buffer.copy_(draw(spread, random))
    state = {key: tensor(value) for key, value in module.state_dict().items()}
    x = draw(distinct(*shape) if "Max" in name else normal(*shape), random)
    output = module(x)
    seed = draw(normal(*output.shape).frozen(), random)
    output.backward(seed)
    case = {
        "name": title,
        "layer": name,
        "args": [*args, options] if options else list(args),
        "state": state,
        "input": tensor(x),
        "output": {"shape": list(output.shape), "data": rounded(output), "seed": exact(seed)},
        "inputGrad": rounded(x.grad),
        "grads": {key: rounded(p.grad) for key, p in module.named_parameters()},
    }
    buffers = {key: rounded(value) for key, value in module.named_buffers()}
    return {**case, **({} if training else {"evaluated": True}), **({"buffers": buffers} if buffers else {})}


def tensor(value: torch.Tensor) -> dict:
    return {"shape": list(value.shape), "data": exact(value)}
