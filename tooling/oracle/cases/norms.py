"""Normalisations and attention."""

import torch
from torch.nn import functional as F

from .inputs import mask, normal, uniform
from .suite import Suite

LAYER = (
    ((2, 3, 5), 5, {}),
    ((2, 3, 5), [3, 5], {"eps": 0.1}),
    ((4,), [4], {}),
    ((3, 1, 7), 7, {"eps": 1e-6}),
)
GROUP = (
    ((2, 4, 3), 2),
    ((2, 6), 3),
    ((1, 3, 2, 2), 1),
    ((2, 3, 2, 2), 3),
)
BATCH = ((4, 3), (3, 2, 4), (2, 3, 2, 3), (5, 1))
INSTANCES = ((2, 3, 4), (1, 2, 2, 3))
RESPONSES = (
    ((2, 5, 3), 3, {}),
    ((1, 4, 2, 2), 2, {"alpha": 0.5, "beta": 0.5, "k": 2}),
    ((1, 3, 2), 12, {"alpha": 2}),
    ((2, 2, 3), 1, {"k": 0.5}),
)


def norms() -> Suite:
    suite = Suite("norms")
    for shape, normalized, options in LAYER:
        sizes = normalized if isinstance(normalized, list) else [normalized]
        both = {"weight": normal(*sizes), "bias": normal(*sizes)}
        for parameters in ({}, {"weight": both["weight"]}, {"bias": both["bias"]}, both):
            suite.add("layerNorm", layer_norm, normal(*shape), normalized, {**options, **parameters})
        for weight in ({}, {"weight": normal(*sizes)}):
            suite.add("rmsNorm", rms_norm, normal(*shape), normalized, {**options, **weight})
    for shape, groups in GROUP:
        for parameters in ({}, {"weight": normal(shape[1]), "bias": normal(shape[1])}):
            suite.add("groupNorm", F.group_norm, normal(*shape), groups, parameters)
    for shape in BATCH:
        add_batch(suite, shape)
    for shape in INSTANCES:
        add_instances(suite, shape)
    for shape, size, options in RESPONSES:
        suite.add("localResponseNorm", F.local_response_norm, normal(*shape), size, options)
    add_attention(suite)
    return suite


def layer_norm(x, shape, weight=None, bias=None, eps=1e-5):
    """PyTorch's function, written out: this version cannot differentiate it twice with some options."""
    shape = shape if isinstance(shape, list) else [shape]
    dims = [-1 - d for d in range(len(shape))]
    centered = x - x.mean(dims, keepdim=True)
    y = centered * (centered.square().mean(dims, keepdim=True) + eps).rsqrt()
    y = y if weight is None else y * weight
    y = y if bias is None else y + bias
    torch.testing.assert_close(y, F.layer_norm(x, shape, weight, bias, eps))
    return y


def rms_norm(x, shape, weight=None, eps=2**-23):
    """Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019; this PyTorch lacks it."""
    dims = [-1 - d for d in range(len(shape) if isinstance(shape, list) else 1)]
    y = x * (x.square().mean(dims, keepdim=True) + eps).rsqrt()
    return y if weight is None else y * weight


def batch_norm(x, running_mean=None, running_var=None, **options):
    """Does not change the given running statistics."""
    given = [None if r is None else r.clone() for r in (running_mean, running_var)]
    return F.batch_norm(x, *given, **options)


def add_batch(suite: Suite, shape: tuple[int, ...]) -> None:
    channels = shape[1]
    statistics = {
        "runningMean": normal(channels).frozen(),
        "runningVar": uniform(0.5, 2, channels).frozen(),
    }
    affine = {"weight": normal(channels), "bias": normal(channels)}
    suite.add("batchNorm", batch_norm, normal(*shape), {"training": True})
    suite.add("batchNorm", batch_norm, normal(*shape), {"training": True, "eps": 0.1, **affine})
    suite.add("batchNorm", batch_norm, normal(*shape), {**statistics, "training": True, **affine})
    suite.add("batchNorm", batch_norm, normal(*shape), {**statistics, **affine})
    suite.add("batchNorm", batch_norm, normal(*shape), statistics)


def instance_norm(x, running_mean=None, running_var=None, **options):
    """Does not change the given running statistics."""
    given = [None if r is None else r.clone() for r in (running_mean, running_var)]
    return F.instance_norm(x, *given, **options)


def add_instances(suite: Suite, shape: tuple[int, ...]) -> None:
    channels = shape[1]
    statistics = {
        "runningMean": normal(channels).frozen(),
        "runningVar": uniform(0.5, 2, channels).frozen(),
    }
    affine = {"weight": normal(channels), "bias": normal(channels)}
    suite.add("instanceNorm", instance_norm, normal(*shape))
    suite.add("instanceNorm", instance_norm, normal(*shape), {"eps": 0.1, **affine})
    suite.add("instanceNorm", instance_norm, normal(*shape), {**statistics, **affine})
    suite.add("instanceNorm", instance_norm, normal(*shape), {**statistics, "useInputStats": False})


def attention(q, k, v, mask=None, bias=None, is_causal=False, scale=None):
    """Vaswani et al., "Attention is all you need", 2017, with the masks of PyTorch 2's function."""
    scores = q @ k.transpose(-2, -1) * (q.shape[-1] ** -0.5 if scale is None else scale)
    hidden = torch.zeros(scores.shape, dtype=torch.bool)
    if is_causal:
        hidden = hidden | ~torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
    if mask is not None:
        hidden = hidden | ~mask
    if bias is not None:
        scores = scores + bias
    return scores.masked_fill(hidden, float("-inf")).softmax(-1) @ v


def add_attention(suite: Suite) -> None:
    def add(q, k, v, **options):
        given = [options] if options else []
        suite.add("scaledDotProductAttention", attention, normal(*q), normal(*k), normal(*v), *given)

    add((3, 4), (5, 4), (5, 2))
    add((2, 3, 4), (2, 5, 4), (2, 5, 4))
    add((2, 2, 3, 4), (2, 2, 3, 4), (2, 2, 3, 4), isCausal=True)
    add((3, 2), (2, 2), (2, 2), isCausal=True, scale=2.0)
    add((2, 3), (4, 3), (4, 3), mask=mask([[1, 0, 1, 1], [0, 0, 1, 0]]))
    add((2, 2, 3), (2, 3, 3), (2, 3, 1), mask=mask([[[1, 0, 1]], [[1, 1, 0]]]))
    add((2, 2, 3), (2, 3, 3), (2, 3, 1), bias=normal(2, 3))
    add((3, 3), (3, 3), (3, 3), bias=normal(1, 3), isCausal=True, scale=0.5)
