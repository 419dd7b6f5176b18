"""Scores that the model of apps/pronounce gives, in PyTorch, from a file that Thalweg has written.

    /usr/bin/python3 tooling/oracle/scores.py model.safetensors '{"config": {...}, "tokens": [[...]]}'
"""

import json
import struct
import sys
from pathlib import Path

import torch

from gpt import GPT


def read(path: str) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file of float32."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    values = torch.frombuffer(bytearray(data[8 + length :]), dtype=torch.float32)
    return {
        name: values[begin // 4 : end // 4].view(entry["shape"])
        for name, entry in header.items()
        for begin, end in [entry["data_offsets"]]
    }


def main() -> None:
    path, text = sys.argv[1:]
    given = json.loads(text)
    model = GPT(given["config"]).eval()
    # The file has tied weights once.
    report = model.load_state_dict(read(path), strict=False)
    assert report.missing_keys == ["lm_head.weight"] and report.unexpected_keys == [], report
    with torch.no_grad():
        print(json.dumps(model(torch.tensor(given["tokens"])).flatten().tolist()))


if __name__ == "__main__":
    main()
