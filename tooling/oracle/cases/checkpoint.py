"""A model of PyTorch in a safetensors file, and its results."""

import json
import struct
from math import prod
from pathlib import Path
from random import Random

import torch

from .encode import exact, rounded
from .inputs import normal, uniform
from .nn import tensor
from .suite import draw

DTYPES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.int64: "I64"}


class Model(torch.nn.Module):
    """Layers with many kinds of parameters and buffers, under names that users choose."""

    def __init__(self):
        super().__init__()
        self.features = torch.nn.Sequential(
            torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU()
        )
        self.encoder = torch.nn.TransformerEncoderLayer(4, 2, 6, dropout=0, batch_first=True)
        self.reader = torch.nn.LSTM(4, 3, batch_first=True, bidirectional=True)
        self.head = torch.nn.Linear(6, 2)

    def forward(self, x):
        x = self.features(x).flatten(2).transpose(1, 2)
        x, _ = self.reader(self.encoder(x))
        return self.head(x[:, -1])


def checkpoint(folder: Path) -> dict:
    """Writes `checkpoint.safetensors`; the case holds the model's output."""
    random = Random(5)
    model = Model().eval()
    with torch.no_grad():
        for value in model.state_dict().values():
            if value.is_floating_point():
                value.copy_(draw(uniform(0.25, 1, *value.shape), random))
        model.features[1].num_batches_tracked.fill_(7)
    state = model.state_dict()
    # These numbers need no more than half precision.
    state["head.weight"] = state["head.weight"].half()
    (folder / "checkpoint.safetensors").write_bytes(safetensors(state))
    x = draw(normal(2, 1, 4, 5).frozen(), random)
    output = model.double()(x)
    case = {"input": tensor(x), "output": {"shape": list(output.shape), "data": rounded(output)}}
    keys = {key: list(value.shape) for key, value in model.state_dict().items()}
    batches = exact(model.features[1].num_batches_tracked)
    case |= {"keys": keys, "batches": batches}
    return {"title": "checkpoint", "torch": torch.__version__, "cases": [case]}


def safetensors(state: dict[str, torch.Tensor]) -> bytes:
    """The bytes of the reference implementation: larger elements first, then by name."""
    sizes = {name: value.element_size() for name, value in state.items()}
    header: dict = {"__metadata__": {"format": "pt"}}
    data, position = [], 0
    for name in sorted(state, key=lambda name: (-sizes[name], name)):
        value = state[name]
        end = position + prod(value.shape) * sizes[name]
        shape = list(value.shape)
        header[name] = {"dtype": DTYPES[value.dtype], "shape": shape, "data_offsets": [position, end]}
        data.append(value.contiguous().numpy().tobytes())
        position = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(data)
