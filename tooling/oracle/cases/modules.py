"""Layers with several inputs or outputs: recurrent ones, attention, embeddings, bilinear maps."""

from random import Random
from zlib import crc32

import torch

from .encode import exact, rounded
from .inputs import index, mask, normal
from .nn import tensor
from .suite import draw, encode_input, snake_case, spell, to_json, to_torch

PADDING = mask([[0, 0, 0, 1], [0, 1, 1, 0]])
LATER = mask([[0, 1, 1, 1], [0, 0, 1, 1], [1, 0, 0, 1]])
BELOW = mask([[0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1]])
WORDS = index([[1, 2, 0], [4, 2, 2]])

# layer, arguments of the constructor, arguments of the call; a trailing dict holds options
MODULES = (
    ("Bilinear", (2, 3, 4), (normal(5, 2), normal(5, 3))),
    ("Bilinear", (2, 1, 3, {"bias": False}), (normal(2, 3, 2), normal(2, 3, 1))),
    ("Bilinear", (3, 2, 1), (normal(3), normal(2))),
    ("Embedding", (5, 3), (WORDS,)),
    ("Embedding", (5, 3, {"paddingIdx": 2}), (WORDS,)),
    ("Embedding", (5, 3, {"paddingIdx": -1, "maxNorm": 1}), (WORDS,)),
    ("Embedding", (5, 3, {"maxNorm": 1.5, "normType": 1}), (index(4),)),
    ("EmbeddingBag", (5, 3), (WORDS,)),
    ("EmbeddingBag", (5, 3, {"mode": "max", "paddingIdx": 2}), (WORDS,)),
    ("EmbeddingBag", (5, 3, {"maxNorm": 1, "mode": "sum"}), (WORDS, {"perSampleWeights": normal(2, 3)})),
    (
        "EmbeddingBag",
        (5, 3, {"includeLastOffset": True, "paddingIdx": -1}),
        (index([1, 4, 4, 0]), {"offsets": index([0, 1, 1, 4])}),
    ),
    ("RNN", (3, 4), (normal(5, 2, 3),)),
    ("RNN", (3, 4), (normal(1, 3), normal(1, 4))),
    ("RNN", (2, 3, {"nonlinearity": "relu", "numLayers": 2, "bias": False}), (normal(4, 2, 2),)),
    (
        "RNN",
        (2, 3, {"bidirectional": True, "batchFirst": True, "numLayers": 2}),
        (normal(2, 3, 2), normal(4, 2, 3)),
    ),
    ("GRU", (3, 4), (normal(5, 2, 3),)),
    ("GRU", (3, 4, {"bidirectional": True}), (normal(3, 3), normal(2, 4))),
    ("GRU", (2, 3, {"numLayers": 3, "bias": False}), (normal(4, 2, 2), normal(3, 2, 3))),
    ("GRU", (2, 3, {"bidirectional": True, "batchFirst": True, "numLayers": 2}), (normal(2, 3, 2),)),
    ("LSTM", (3, 4), (normal(5, 2, 3),)),
    ("LSTM", (3, 4), (normal(2, 3), (normal(1, 4), normal(1, 4)))),
    ("LSTM", (2, 3, {"numLayers": 2, "bias": False}), (normal(4, 2, 2),)),
    ("LSTM", (2, 4, {"projSize": 3}), (normal(3, 2, 2), (normal(1, 2, 3), normal(1, 2, 4)))),
    (
        "LSTM",
        (2, 3, {"bidirectional": True, "batchFirst": True, "numLayers": 2, "projSize": 2}),
        (normal(2, 3, 2),),
    ),
    ("MultiheadAttention", (4, 2), (normal(3, 2, 4), normal(4, 2, 4), normal(4, 2, 4))),
    (
        "MultiheadAttention",
        (4, 2, {"batchFirst": True}),
        (normal(2, 3, 4), normal(2, 4, 4), normal(2, 4, 4), {"averageAttnWeights": False}),
    ),
    (
        "MultiheadAttention",
        (4, 2, {"batchFirst": True, "bias": False, "addBiasKv": True, "addZeroAttn": True}),
        (
            normal(2, 3, 4),
            normal(2, 4, 4),
            normal(2, 4, 4),
            {"keyPaddingMask": PADDING, "attnMask": LATER},
        ),
    ),
    (
        "MultiheadAttention",
        (6, 3, {"kdim": 2, "vdim": 5, "batchFirst": True}),
        (normal(2, 3, 6), normal(2, 4, 2), normal(2, 4, 5), {"keyPaddingMask": PADDING}),
    ),
    (
        "MultiheadAttention",
        (4, 1, {"addBiasKv": True}),
        (normal(3, 4), normal(4, 4), normal(4, 4), {"attnMask": LATER}),
    ),
    (
        "MultiheadAttention",
        (4, 2, {"batchFirst": True}),
        (
            normal(2, 3, 4),
            normal(2, 4, 4),
            normal(2, 4, 4),
            {"attnBias": normal(4, 3, 4), "needWeights": False},
        ),
    ),
    ("TransformerEncoderLayer", (4, 2, {"dimFeedforward": 6, "dropout": 0}), (normal(3, 2, 4),)),
    (
        "TransformerEncoderLayer",
        (4, 1, {"dimFeedforward": 5, "dropout": 0, "activation": "gelu", "batchFirst": True}),
        (
            normal(2, 4, 4),
            {"srcKeyPaddingMask": PADDING, "srcMask": mask([[0, 1, 0, 0]] + [[0] * 4] * 3)},
        ),
    ),
    (
        "TransformerEncoderLayer",
        (4, 2, {"dimFeedforward": 6, "dropout": 0, "normFirst": True, "layerNormEps": 0.1}),
        (normal(3, 4),),
    ),
    (
        "TransformerDecoderLayer",
        (4, 2, {"dimFeedforward": 6, "dropout": 0}),
        (normal(3, 2, 4), normal(5, 2, 4)),
    ),
    (
        "TransformerDecoderLayer",
        (4, 1, {"dimFeedforward": 5, "dropout": 0, "activation": "gelu", "batchFirst": True, "normFirst": True}),
        (
            normal(2, 3, 4),
            normal(2, 4, 4),
            {
                "tgtMask": mask([[0, 1, 1], [0, 0, 1], [0, 0, 0]]),
                "memoryMask": BELOW,
                "memoryKeyPaddingMask": PADDING,
                "tgtKeyPaddingMask": mask([[0, 0, 0], [0, 0, 1]]),
            },
        ),
    ),
    (
        "TransformerEncoder",
        (
            {"maker": "TransformerEncoderLayer", "args": [4, 2, {"dimFeedforward": 6, "dropout": 0}]},
            2,
            {"norm": {"layer": "LayerNorm", "args": [4]}},
        ),
        (normal(4, 2, 4), {"srcKeyPaddingMask": PADDING}),
    ),
    (
        "TransformerEncoder",
        ({"maker": "TransformerEncoderLayer", "args": [4, 1, {"dimFeedforward": 3, "dropout": 0}]}, 1),
        (normal(3, 4), {"mask": mask([[0, 1, 1], [0, 0, 1], [0, 0, 0]])}),
    ),
    (
        "TransformerDecoder",
        (
            {
                "maker": "TransformerDecoderLayer",
                "args": [4, 2, {"dimFeedforward": 6, "dropout": 0, "batchFirst": True}],
            },
            3,
            {"norm": {"layer": "LayerNorm", "args": [4]}},
        ),
        (normal(2, 3, 4), normal(2, 4, 4), {"memoryMask": BELOW, "memoryKeyPaddingMask": PADDING}),
    ),
)


def modules() -> dict:
    cases = [module(*case) for case in MODULES]
    return {"title": "modules", "torch": torch.__version__, "cases": cases}


def module(name: str, args: tuple, call: tuple) -> dict:
    """One forward and backward pass through every output that has a gradient."""
    title = f"{name}({', '.join(map(spell, args))}) on {', '.join(map(spell, call))}"
    random = Random(crc32(title.encode()))
    subject = make(name, args).double()
    with torch.no_grad():
        for parameter in subject.parameters():
            parameter.copy_(draw(normal(*parameter.shape), random))
    state = {key: tensor(value) for key, value in subject.state_dict().items()}
    inputs: list = []
    given, keywords = split([to_torch(arg, inputs, random) for arg in call])
    keywords = {"attn_mask" if key == "attn_bias" else key: v for key, v in snake_case(keywords).items()}
    results = list(flat(subject(*given, **keywords)))
    seeds = [draw(normal(*result.shape).frozen(), random) for result in results]
    torch.autograd.backward(results, seeds)
    return {
        "name": title,
        "layer": name,
        "args": list(args),
        "state": state,
        "inputs": [encode_input(spec, value) for spec, value in inputs],
        "call": to_json(list(call), iter(range(len(inputs)))),
        "outputs": [
            {"shape": list(result.shape), "data": rounded(result), "seed": exact(seed)}
            for result, seed in zip(results, seeds, strict=True)
        ],
        "inputGrads": [rounded(value.grad) if spec.grad else None for spec, value in inputs],
        "grads": {key: rounded(p.grad) for key, p in subject.named_parameters()},
    }


def make(name: str, args) -> torch.nn.Module:
    """A layer; among its arguments may be others. One that has makers of layers gets a layer from PyTorch, and copies it."""

    def value(arg):
        if isinstance(arg, dict) and "args" in arg:
            return make(arg.get("layer") or arg["maker"], arg["args"])
        return arg

    positional, options = split(args)
    keywords = {key: value(arg) for key, arg in snake_case(options).items()}
    return getattr(torch.nn, name)(*map(value, positional), **keywords)


def split(args) -> tuple[list, dict]:
    """Arguments by position, and the options at their end."""
    args = list(args)
    options = args.pop() if args and isinstance(args[-1], dict) else {}
    return args, options


def flat(result):
    """The tensors of a result, however nested."""
    if isinstance(result, tuple):
        for item in result:
            yield from flat(item)
    elif result is not None:
        yield result
