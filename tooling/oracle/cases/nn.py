"""Layers: PyTorch's weights go in, its outputs and gradients are expected back."""

from dataclasses import dataclass
from random import Random
from zlib import crc32

import torch

from .encode import exact, rounded
from .inputs import distinct, normal, uniform
from .maps import hardsigmoid
from .norms import rms_norm
from .suite import draw, snake_case, spell


@dataclass(frozen=True)
class Part:
    """A layer among the arguments of another."""

    layer: str
    args: tuple

    def __init__(self, layer: str, *args):
        object.__setattr__(self, "layer", layer)
        object.__setattr__(self, "args", args)

    def __str__(self) -> str:
        return f"{self.layer}({', '.join(map(spell, self.args))})"


@dataclass(frozen=True)
class Ones:
    """A tensor among the arguments of a layer."""

    size: int

    def __str__(self) -> str:
        return f"ones([{self.size}])"


class RMSNorm(torch.nn.Module):
    """Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019; this PyTorch lacks it."""

    def __init__(self, shape, eps=None, elementwise_affine=True):
        super().__init__()
        self.shape = list(shape) if isinstance(shape, tuple) else [shape]
        self.options = {} if eps is None else {"eps": eps}
        self.weight = torch.nn.Parameter(torch.ones(self.shape)) if elementwise_affine else None

    def forward(self, x):
        return rms_norm(x, self.shape, self.weight, **self.options)


class Hardsigmoid(torch.nn.Module):
    """Its gradient in PyTorch multiplies by a 1/6 of float32 precision."""

    def forward(self, x):
        return hardsigmoid(x)


class Pad(torch.nn.Module):
    """Padding layers of PyTorch 2.1, which this version has as a function."""

    def __init__(self, padding, mode: str, spatial: int):
        super().__init__()
        self.padding = padding if isinstance(padding, tuple) else (padding,) * (2 * spatial)
        self.mode = mode

    def forward(self, x):
        return torch.nn.functional.pad(x, self.padding, mode=self.mode)


OWN = {
    "RMSNorm": RMSNorm,
    "Hardsigmoid": Hardsigmoid,
    "ZeroPad1d": lambda padding: Pad(padding, "constant", 1),
    "CircularPad1d": lambda padding: Pad(padding, "circular", 1),
    "CircularPad2d": lambda padding: Pad(padding, "circular", 2),
}


# layer, positional arguments, options, shape of the input
ACTIVATIONS = (
    ("ReLU", (), {}),
    ("ReLU6", (), {}),
    ("SELU", (), {}),
    ("SiLU", (), {}),
    ("Mish", (), {}),
    ("Sigmoid", (), {}),
    ("Tanh", (), {}),
    ("Softsign", (), {}),
    ("Hardsigmoid", (), {}),
    ("Hardswish", (), {}),
    ("LogSigmoid", (), {}),
    ("LeakyReLU", (), {}),
    ("LeakyReLU", (0.25,), {}),
    ("ELU", (), {}),
    ("ELU", (0.5,), {}),
    ("CELU", (), {}),
    ("CELU", (0.5,), {}),
    ("GELU", (), {}),
    ("GELU", (), {"approximate": "tanh"}),
    ("Softplus", (), {}),
    ("Softplus", (), {"beta": 2, "threshold": 1}),
    ("Hardtanh", (), {}),
    ("Hardtanh", (-0.75, 0.5), {}),
    ("Softmax", (-1,), {}),
    ("LogSoftmax", (0,), {}),
    ("Softmin", (0,), {}),
    ("PReLU", (), {}),
    ("PReLU", (5,), {}),
    ("GLU", (0,), {}),
    ("Tanhshrink", (), {}),
    ("Hardshrink", (), {}),
    ("Softshrink", (0.25,), {}),
    ("Threshold", (0.25, -1), {}),
)
LAYERS = (
    *((*activation, (4, 5)) for activation in ACTIVATIONS),
    ("Identity", (), {}, (2, 3)),
    ("Flatten", (), {}, (2, 3, 2)),
    ("Flatten", (0, 1), {}, (2, 3, 2)),
    ("Dropout", (0,), {}, (3, 4)),
    ("RMSNorm", (5,), {}, (2, 3, 5)),
    ("RMSNorm", ((3, 2),), {"eps": 0.1, "elementwiseAffine": False}, (2, 3, 2)),
    ("Sequential", (Part("Linear", 3, 4), Part("Tanh"), Part("Linear", 4, 2)), {}, (2, 3)),
    ("ModuleList", ([Part("Linear", 3, 4), Part("ReLU")],), {}, (2, 3)),
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
    ("ConvTranspose1d", (2, 3, 3), {"stride": 2, "padding": 1, "outputPadding": 1}, (2, 2, 3)),
    ("ConvTranspose1d", (4, 2, 2), {"groups": 2, "dilation": 2, "bias": False}, (4, 3)),
    ("MaxPool1d", (3,), {"stride": 2, "padding": 1}, (2, 2, 6)),
    ("MaxPool2d", (2,), {"ceilMode": True}, (2, 1, 5, 4)),
    ("AvgPool1d", (2,), {}, (1, 2, 5)),
    ("AvgPool2d", (3,), {"padding": 1, "stride": 2, "countIncludePad": False}, (2, 1, 5, 4)),
    ("AdaptiveAvgPool2d", ((2, 3),), {}, (2, 2, 5, 4)),
    ("AdaptiveAvgPool1d", (3,), {}, (2, 2, 5)),
    ("AdaptiveMaxPool1d", (3,), {}, (2, 2, 5)),
    ("AdaptiveMaxPool2d", ((2, None),), {}, (2, 2, 5, 4)),
    ("ConstantPad1d", ((2, 1), 0.5), {}, (2, 2, 3)),
    ("ConstantPad2d", ((1, -1, 0, 2), 0.5), {}, (2, 2, 3)),
    ("ZeroPad2d", (1,), {}, (2, 1, 2, 3)),
    ("ReflectionPad1d", ((1, 2),), {}, (2, 3)),
    ("ReflectionPad2d", ((1, 2, 0, 1),), {}, (2, 1, 2, 3)),
    ("ReplicationPad1d", (2,), {}, (2, 1, 3)),
    ("ReplicationPad2d", ((1, 2, 0, 3),), {}, (1, 2, 3)),
    ("ZeroPad1d", ((1, 2),), {}, (2, 1, 3)),
    ("CircularPad1d", ((1, 2),), {}, (2, 1, 3)),
    ("CircularPad2d", ((1, 2, 0, 1),), {}, (2, 1, 2, 3)),
    ("Upsample", (), {"scaleFactor": 2}, (2, 2, 3)),
    ("Upsample", (), {"size": [3, 5], "mode": "bilinear", "alignCorners": False}, (1, 2, 2, 3)),
    ("Upsample", (), {"scaleFactor": 1.5, "mode": "bilinear", "alignCorners": True}, (1, 1, 4, 3)),
    ("PixelShuffle", (2,), {}, (2, 8, 1, 3)),
    ("PixelUnshuffle", (2,), {}, (1, 2, 4, 2)),
    ("Unfold", ((2, 3),), {"padding": 1, "stride": 2}, (2, 2, 4, 5)),
    ("Fold", ((4, 5), (2, 3)), {"padding": 1, "stride": 2}, (2, 12, 9)),
    ("Dropout1d", (0,), {}, (3, 4)),
    ("Dropout2d", (0,), {}, (3, 4, 2, 2)),
    ("LocalResponseNorm", (3,), {"alpha": 0.5, "beta": 0.5, "k": 2}, (2, 4, 3)),
    ("InstanceNorm1d", (3,), {}, (2, 3, 4)),
    ("InstanceNorm1d", (3,), {"affine": True, "eps": 0.1}, (3, 4)),
    ("InstanceNorm1d", (2,), {"trackRunningStats": True, "momentum": 0.3}, (3, 2, 4)),
    ("InstanceNorm2d", (2,), {"affine": True, "trackRunningStats": True}, (2, 2, 3, 2)),
    ("ModuleDict", ({"second": Part("Linear", 3, 4), "first": Part("ReLU")},), {}, (2, 3)),
    ("ParameterList", ([Ones(3), Ones(3)],), {}, (2, 3)),
    ("ParameterDict", ({"b": Ones(3), "a": Ones(3)},), {}, (2, 3)),
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
    ("Dropout", (0.5,), {}, (3, 4)),
    ("BatchNorm1d", (3,), {}, (4, 3)),
    ("BatchNorm2d", (2,), {"eps": 0.1}, (1, 2, 3, 2)),
    ("BatchNorm2d", (2,), {"trackRunningStats": False}, (2, 2, 2, 2)),
    ("Dropout1d", (0.5,), {}, (3, 4)),
    ("InstanceNorm1d", (2,), {"trackRunningStats": True}, (2, 2, 4)),
    ("InstanceNorm2d", (2,), {"affine": True}, (2, 2, 2, 3)),
)
# the function that normalises a parameter, with its arguments, and the layer
NORMED = (
    ("weightNorm", (), ("Linear", (4, 3), {}, (5, 4))),
    ("weightNorm", ("weight", None), ("Linear", (4, 3), {}, (5, 4))),
    ("weightNorm", ("weight", 1), ("ConvTranspose1d", (2, 3, 2), {}, (1, 2, 3))),
    ("spectralNorm", (), ("Linear", (4, 3), {}, (5, 4))),
    ("spectralNorm", ("weight", {"nPowerIterations": 3}), ("Conv2d", (2, 3, 2), {}, (1, 2, 3, 3))),
    ("spectralNorm", (), ("ConvTranspose1d", (2, 3, 2), {}, (1, 2, 3))),
)


def layers() -> dict:
    cases = [layer(*case) for case in LAYERS] + [layer(*case, False) for case in EVALUATED]
    cases += [layer(*case, training, (name, args)) for name, args, case in NORMED for training in (True, False)]
    return {"title": "layers", "torch": torch.__version__, "cases": cases}


def layer(
    name: str, args: tuple, options: dict, shape: tuple[int, ...], training=True, normed=None
) -> dict:
    """One forward and backward pass, all parameters and buffers drawn."""
    written = [spell(arg) for arg in args] + ([spell(options)] if options else [])
    title = f"{name}({', '.join(written)}) on {spell(list(shape))}{'' if training else ', evaluated'}"
    if normed:
        title = f"{normed[0]}({', '.join([title, *map(spell, normed[1])])})"
    random = Random(crc32(title.encode()))
    module = make(name, args, options)
    if normed:
        normalize(module, *normed)
    module = module.double().train(training)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(draw(normal(*parameter.shape), random))
        for key, buffer in module.named_buffers():
            if buffer.is_floating_point():
                spread = uniform(0.5, 2, *buffer.shape) if "var" in key or normed else normal(*buffer.shape)
                buffer.copy_(draw(spread, random))
    state = {key: tensor(value) for key, value in module.state_dict().items()}
    x = draw(distinct(*shape) if "Max" in name else normal(*shape), random)
    output = in_turn(module, x) if isinstance(module, COLLECTIONS) else module(x)
    seed = draw(normal(*output.shape).frozen(), random)
    output.backward(seed)
    case = {
        "name": title,
        "layer": name,
        "args": to_json([*args, options] if options else list(args)),
        "state": state,
        "input": tensor(x),
        "output": {"shape": list(output.shape), "data": rounded(output), "seed": exact(seed)},
        "inputGrad": rounded(x.grad),
        "grads": {key: rounded(p.grad) for key, p in module.named_parameters()},
    }
    if normed:
        case["normed"] = {"by": normed[0], "args": to_json(list(normed[1]))}
    buffers = {key: rounded(value) for key, value in module.named_buffers()}
    return {**case, **({} if training else {"evaluated": True}), **({"buffers": buffers} if buffers else {})}


def make(name: str, args: tuple, options: dict) -> torch.nn.Module:
    """PyTorch's layer of that name."""
    made = [parts(arg) for arg in args]
    return (OWN.get(name) or getattr(torch.nn, name))(*made, **snake_case(options))


def parts(arg):
    if isinstance(arg, Part):
        return make(arg.layer, arg.args, {})
    if isinstance(arg, Ones):
        return torch.ones(arg.size)
    if isinstance(arg, dict):
        return {key: parts(item) for key, item in arg.items()}
    return [parts(item) for item in arg] if isinstance(arg, list) else arg


COLLECTIONS = tuple(
    getattr(torch.nn, name) for name in ("ModuleList", "ModuleDict", "ParameterList", "ParameterDict")
)


def in_turn(collection, x):
    """The output of layers, or the product with parameters, in collections without a call of their own."""
    for item in collection.values() if hasattr(collection, "values") else collection:
        x = item(x) if isinstance(item, torch.nn.Module) else x * item
    return x


def normalize(module: torch.nn.Module, name: str, args: tuple) -> None:
    """Applies weight_norm or spectral_norm; a trailing dict holds Thalweg's options."""
    *given, options = args if args and isinstance(args[-1], dict) else (*args, {})
    function = {"weightNorm": torch.nn.utils.weight_norm, "spectralNorm": torch.nn.utils.spectral_norm}
    function[name](module, *given, **snake_case(options))


def to_json(arg):
    if isinstance(arg, Part):
        return {"layer": arg.layer, "args": to_json(list(arg.args))}
    if isinstance(arg, Ones):
        return {"ones": arg.size}
    if isinstance(arg, dict):
        return {key: to_json(item) for key, item in arg.items()}
    return [to_json(item) for item in arg] if isinstance(arg, list) else arg


def tensor(value: torch.Tensor) -> dict:
    return {"shape": list(value.shape), "data": exact(value)}
