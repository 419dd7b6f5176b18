"""Element types: results for operands of all types, and refusals."""

import warnings

import torch

from .encode import rounded

DTYPES = {
    "bool": torch.bool,
    "int32": torch.int32,
    "float32": torch.float32,
    "float64": torch.float64,
}
NAMES = {dtype: name for name, dtype in DTYPES.items()} | {torch.int64: "int32"}

NUMBERS = {
    "bool": [True, False, True],
    "int32": [3, -2, 2147483647],
    "float32": [1.5, -0.5, 2.0],
    "float64": [0.25, 4.0, -3.0],
}


def operands():
    """One of each type with a dimension, one of each without, and two numbers."""
    for name, dtype in DTYPES.items():
        yield {"dtype": name, "shape": [3]}, torch.tensor(NUMBERS[name], dtype=dtype)
        yield {"dtype": name, "shape": []}, torch.tensor(NUMBERS[name][0], dtype=dtype)
    for value in (2, 0.5):
        yield {"number": value}, value


BINARY = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.true_divide,
    "remainder": torch.remainder,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "eq": torch.eq,
    "lt": torch.lt,
    "ge": torch.ge,
    "atan2": torch.atan2,
    "logicalAnd": torch.logical_and,
}

UNARY = {
    "neg": torch.neg,
    "abs": torch.abs,
    "sign": torch.sign,
    "square": torch.square,
    "exp": torch.exp,
    "sqrt": torch.sqrt,
    "sin": torch.sin,
    "sigmoid": torch.sigmoid,
    "logicalNot": torch.logical_not,
    "isNaN": torch.isnan,
    "isFinite": torch.isfinite,
    "sum": torch.sum,
    "prod": torch.prod,
    "mean": torch.mean,
    "amax": torch.amax,
    "amin": torch.amin,
    "argmax": lambda x: torch.argmax(x.to(torch.int32) if x.dtype == torch.bool else x),
    "cumsum": lambda x: torch.cumsum(x, 0),
    "any": torch.any,
    "all": torch.all,
    "softmax": lambda x: torch.softmax(x, 0),
}

IN_PLACE = {
    "add_": lambda x, y: x.add_(y),
    "sub_": lambda x, y: x.sub_(y),
    "mul_": lambda x, y: x.mul_(y),
    "div_": lambda x, y: x.div_(y),
    "copy_": lambda x, y: x.copy_(y),
}


def outcome(compute) -> dict:
    """The type and the numbers of a result, or its absence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = compute()
    except RuntimeError:
        return {"refused": True}
    # Whole numbers are int64 where PyTorch chooses; they wrap to int32, which Thalweg uses.
    if result.dtype == torch.int64:
        result = result.to(torch.int32)
    return {"dtype": NAMES[result.dtype], "data": rounded(result)}


def types() -> dict:
    cases = []
    for op, compute in UNARY.items():
        for about, x in operands():
            if torch.is_tensor(x) and about["shape"]:
                cases.append({"op": op, "operands": [about], **outcome(lambda: compute(x))})
    for op, compute in BINARY.items():
        for about_x, x in operands():
            for about_y, y in operands():
                if not torch.is_tensor(x) and not torch.is_tensor(y):
                    continue
                # Functions that take no numbers get tensors without dimensions, which promote alike.
                takes = op in ("add", "sub", "mul", "div", "remainder", "eq", "lt", "ge")
                if not takes and not (torch.is_tensor(x) and torch.is_tensor(y)):
                    continue
                if not torch.is_tensor(x) and op in ("eq", "lt", "ge"):
                    continue
                result = outcome(lambda: compute(x, y))
                cases.append({"op": op, "operands": [about_x, about_y], **result})
    for op, compute in IN_PLACE.items():
        for about_x, x in operands():
            if not torch.is_tensor(x) or not about_x["shape"]:
                continue
            for about_y, y in operands():
                if op == "copy_" and not torch.is_tensor(y):
                    continue
                result = outcome(lambda: compute(x.clone(), y))
                cases.append({"op": op, "operands": [about_x, about_y], **result})
    for name, dtype in DTYPES.items():
        for about, x in operands():
            if torch.is_tensor(x) and about["shape"]:
                cases.append({"op": "to", "operands": [about], "to": name, **outcome(lambda: x.to(dtype))})
    return {"title": "types", "numbers": NUMBERS, "cases": cases}
