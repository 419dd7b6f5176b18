"""Turns one line (op, PyTorch's function, arguments) into a case with values and gradients."""

import re
from math import isnan
from random import Random
from zlib import crc32

import torch

from .encode import exact, number, rounded
from .inputs import Input, normal

DTYPES = {"real": torch.float64, "index": torch.int64, "mask": torch.bool}
KEYWORDS = {"keep_dim": "keepdim", "_u_p_l_o": "uplo", "lambd": "lambda", "min_length": "minlength"}


class Undefined:
    """An argument that the caller leaves out although later ones follow."""

    def __repr__(self) -> str:
        return "undefined"


UNDEFINED = Undefined()


class Suite:
    """The cases of one fixture file."""

    def __init__(self, title: str):
        self.title = title
        self.cases: list[dict] = []
        self.names: set[str] = set()

    def add(self, op, function, *args, note="", at_limits=False, second=True) -> None:
        """Records the result of `function(*args)`; a trailing dict holds Thalweg's options.

        `at_limits` is for elementwise ops at points where a gradient of NaN is an accident of
        PyTorch's formula: such elements are recorded as null, which promises nothing. `second` is
        whether PyTorch's second derivatives are worth agreeing with: not at a kink, where they
        are a matter of taste.
        """
        name = self.claim(describe(op, args, note))
        random = Random(crc32(name.encode()))
        inputs: list[tuple[Input, torch.Tensor]] = []
        torch_args = [to_torch(arg, inputs, random) for arg in args]
        options = torch_args.pop() if args and isinstance(args[-1], dict) else {}
        results = named(function(*torch_args, **snake_case(options)))
        outputs, grads, again = differentiate(results, inputs, random)
        if at_limits:
            promise_less(inputs[0][1], outputs[0], grads)
        case = {
            "name": name,
            "op": op,
            "args": to_json(list(args), iter(range(len(inputs)))),
            "inputs": [encode_input(spec, tensor) for spec, tensor in inputs],
            "outputs": outputs,
            "grads": grads,
        }
        self.cases.append({**case, "second": again} if second and again else case)

    def claim(self, name: str) -> str:
        if name in self.names:
            raise ValueError(f"{self.title}: two cases are called {name}")
        self.names.add(name)
        return name

    def fixture(self) -> dict:
        return {"title": self.title, "torch": torch.__version__, "cases": self.cases}


def draw(spec: Input, random: Random) -> torch.Tensor:
    """The tensor an input describes, as PyTorch's leaf."""
    data = torch.tensor(spec.draw(random), dtype=DTYPES[spec.kind])
    return data.reshape(spec.shape).requires_grad_(spec.grad)


def to_torch(arg, inputs: list, random: Random):
    """The argument in PyTorch's form; drawn inputs are appended to `inputs`."""
    if isinstance(arg, Input):
        inputs.append((arg, draw(arg, random)))
        return inputs[-1][1]
    if isinstance(arg, (list, tuple)):
        return [to_torch(item, inputs, random) for item in arg]
    if isinstance(arg, dict):
        return {key: to_torch(item, inputs, random) for key, item in arg.items()}
    return None if arg is UNDEFINED else arg


def to_json(arg, positions):
    """The argument in the fixture's form: inputs by their position."""
    if isinstance(arg, Input):
        return {"tensor": next(positions)}
    if isinstance(arg, (list, tuple)):
        return [to_json(item, positions) for item in arg]
    if isinstance(arg, dict):
        return {key: to_json(item, positions) for key, item in arg.items()}
    if arg is UNDEFINED:
        return {"undefined": True}
    return number(arg) if isinstance(arg, float) else arg


# Thalweg's element types of inputs that are no real numbers.
ELEMENTS = {"index": "int32", "mask": "bool"}


def encode_input(spec: Input, tensor: torch.Tensor) -> dict:
    encoded = {"shape": list(spec.shape), "data": exact(tensor)}
    if spec.grad:
        encoded["grad"] = True
    if spec.kind in ELEMENTS:
        encoded["dtype"] = ELEMENTS[spec.kind]
    return encoded


def snake_case(options: dict) -> dict:
    """Thalweg's option names as PyTorch spells them."""
    spelled = {re.sub(r"([A-Z])", r"_\1", key).lower(): value for key, value in options.items()}
    return {KEYWORDS.get(key, key): value for key, value in spelled.items()}


def named(result) -> list[tuple[str | None, torch.Tensor]]:
    """Every tensor of a result, with its field when it has one."""
    if isinstance(result, dict):
        return list(result.items())
    if isinstance(result, (list, tuple)):
        return [(None, tensor) for tensor in result]
    return [(None, result)]


def differentiate(results, inputs, random: Random) -> tuple[list[dict], list, dict | None]:
    """Encodes the outputs, each with a random seed, and first and second derivatives."""
    leaves = [tensor for spec, tensor in inputs if spec.grad]
    outputs, roots, seeds = [], [], []
    for field, tensor in results:
        output = {"shape": list(tensor.shape), "data": rounded(tensor)}
        if field is not None:
            output["field"] = field
        if tensor.requires_grad:
            roots.append(tensor)
            seeds.append(draw(normal(*tensor.shape).frozen(), random))
            output["seed"] = exact(seeds[-1])
        outputs.append(output)
    if bool(leaves) != bool(roots):
        raise ValueError("an input with a gradient needs an output with one, and the reverse")
    if not leaves:
        return outputs, [None for _ in inputs], None
    found = torch.autograd.grad(roots, leaves, seeds, create_graph=True)
    grads = iter(found)
    encoded = [rounded(next(grads)) if spec.grad else None for spec, _ in inputs]
    return outputs, encoded, differentiate_again(found, leaves, random)


def differentiate_again(grads, leaves, random: Random) -> dict | None:
    """Derivatives of the gradients along random directions; None where they vanish.

    A NaN of PyTorch promises nothing and is recorded as null.
    """
    curved = [grad for grad in grads if grad.requires_grad]
    if not curved:
        return None
    directions = [draw(normal(*grad.shape).frozen(), random) for grad in grads]
    along = [v for grad, v in zip(grads, directions, strict=True) if grad.requires_grad]
    found = torch.autograd.grad(curved, leaves, along, allow_unused=True)
    if all(g is None or bool((g == 0).all()) for g in found):
        return None
    results = [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found, strict=True)]
    return {
        "directions": [exact(v) for v in directions],
        "grads": [[None if v == "NaN" else v for v in rounded(g)] for g in results],
    }


def promise_less(x: torch.Tensor, output: dict, grads: list) -> None:
    """Replaces by null each NaN of the gradient, and any gradient where value or input is NaN."""
    for i, value in enumerate(x.tolist()):
        if isnan(value) or output["data"][i] == "NaN" or grads[0][i] == "NaN":
            grads[0][i] = None


def describe(op: str, args, note: str) -> str:
    """The call as a reader would write it, with inputs by their shape."""
    call = f"{op}({', '.join(spell(arg) for arg in args)})"
    return f"{call}, {note}" if note else call


def spell(arg) -> str:
    if isinstance(arg, Input):
        kind = "fixed" if arg.kind == "real" and not arg.grad else arg.kind
        return f"{kind}{spell(list(arg.shape))}"
    if isinstance(arg, (list, tuple)):
        return f"[{','.join(spell(item) for item in arg)}]"
    if isinstance(arg, dict):
        return "{" + ", ".join(f"{key}: {spell(item)}" for key, item in arg.items()) + "}"
    if isinstance(arg, bool):
        return str(arg).lower()
    if isinstance(arg, float):
        return str(number(arg))
    return "null" if arg is None else str(arg)
