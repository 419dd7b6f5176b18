"""Lists the public names of PyTorch, for the table of names on the site.

    /usr/bin/python3 tooling/oracle/names.py   # writes names/pytorch.json

Public is what belongs to the module that shows it and has a docstring, there or in torch.nn.functional. Names of TorchScript, quantization, sparse
tensors and of other devices' libraries are left out: they are about parts of PyTorch that the table does not compare.
"""

import importlib
import inspect
import json
import re
from pathlib import Path

import torch
from torch.nn import functional

TARGET = Path(__file__).parent / "names" / "pytorch.json"

# In the order of the table; classes stand for their members.
AREAS = (
    "torch",
    "torch.Tensor",
    "torch.autograd",
    "torch.autograd.functional",
    "torch.nn",
    "torch.nn.Module",
    "torch.nn.functional",
    "torch.nn.init",
    "torch.nn.utils",
    "torch.nn.parallel",
    "torch.optim",
    "torch.optim.Optimizer",
    "torch.optim.lr_scheduler",
    "torch.utils.data",
    "torch.utils.checkpoint",
    "torch.distributed",
    "torch.distributions",
    "torch.profiler",
    "torch.linalg",
    "torch.fft",
    "torch.special",
)
# Classes of the engine that programs name.
ENGINE = ("Generator", "Size", "Tensor", "device", "dtype", "finfo", "iinfo")
# Attributes of every tensor that have no docstring in this version.
ATTRIBUTES = ("device", "dtype", "grad", "is_leaf", "ndim", "requires_grad", "shape")
OTHER_PARTS = re.compile(
    r"autocast|coalesce|complex32|cudnn|datapipe|fake_quant|fbgemm|hsmm|hspmm|ipu$|is_mps|is_xpu|is_vulkan|layout$"
    r"|mkldnn|miopen|qscheme|quantize|q_per|q_scale|q_zero|Script|sparse|smm|vital|_type_comment|DataPipe|DataChunk"
    r"|import_ir|parse_ir|parse_schema|int_repr|Lazy|Uninitialized|_copy$|torch_function|kineto|JITException|T_destination|dump_patches|^obj$|boolean_dispatch"
)


def kind(value: object) -> str | None:
    """What the table calls it; None if it is neither a function nor a class."""
    if inspect.isclass(value):
        return "class"
    return "function" if callable(value) else None


def is_public(name: str) -> bool:
    return not name.startswith("_") and not OTHER_PARTS.search(name)


def is_documented(name: str, value: object) -> bool:
    return bool(inspect.getdoc(value) or inspect.getdoc(getattr(functional, name, None)))


def belongs(name: str, value: object, module: str) -> bool:
    """Whether the module shows it as its own, rather than having imported it for itself."""
    home = getattr(value, "__module__", None) or module
    if not inspect.isclass(value):
        return home.startswith("torch")
    return name in ENGINE if module == "torch" and home in ("torch", "torch._C") else home.startswith(module)


def names_of(module: str) -> dict[str, str]:
    """The functions and classes of a module."""
    shown = vars(importlib.import_module(module)).items()
    return {
        name: kind(value)
        for name, value in shown
        if kind(value)
        and is_public(name)
        and belongs(name, value, module)
        and (is_documented(name, value) or name in ENGINE)
    }


def members_of(owner: type) -> dict[str, str]:
    """The methods and attributes of a class."""
    found = {}
    for name in set(dir(owner)) - set(dir(object)):
        value = inspect.getattr_static(owner, name)
        if is_public(name) and (is_documented(name, value) or name in ATTRIBUTES):
            found[name] = "method" if callable(getattr(owner, name, None)) else "attribute"
    return found


def area(path: str) -> dict[str, str]:
    """The names of a module or a class, in the order of the alphabet."""
    owner, _, name = path.rpartition(".")
    value = getattr(importlib.import_module(owner), name, None) if owner else None
    return dict(sorted((members_of(value) if inspect.isclass(value) else names_of(path)).items()))


def main() -> None:
    areas = {path.removeprefix("torch."): area(path) for path in AREAS}
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps({"version": torch.__version__, "areas": areas}, indent=2) + "\n")
    for name, names in areas.items():
        print(f"{name}: {len(names)} names")


if __name__ == "__main__":
    main()
