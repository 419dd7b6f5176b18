"""Convolutions and pooling."""

import torch
from torch.nn import functional as F

from .inputs import distinct, normal, values
from .suite import Suite

INF, NAN = float("inf"), float("nan")

# shape of the input, shape of the weight, options
CONV1D = (
    ((2, 3, 7), (4, 3, 3), {}),
    ((3, 7), (4, 3, 3), {"stride": 2, "padding": 1}),
    ((2, 4, 9), (2, 2, 3), {"dilation": 2, "groups": 2}),
    ((1, 2, 5), (3, 2, 4), {"padding": "same"}),
    ((1, 2, 5), (3, 2, 2), {"padding": "valid"}),
    ((2, 1, 4), (1, 1, 1), {"stride": [3], "padding": [2]}),
)
CONV2D = (
    ((2, 2, 5, 4), (3, 2, 3, 3), {}),
    ((2, 5, 4), (3, 2, 3, 2), {}),
    ((2, 2, 5, 4), (3, 2, 3, 3), {"padding": 1}),
    ((1, 2, 5, 6), (2, 2, 3, 2), {"stride": 2, "padding": [1, 0]}),
    ((1, 1, 6, 7), (2, 1, 3, 2), {"dilation": [2, 3], "padding": 2}),
    ((1, 2, 7, 5), (1, 2, 2, 3), {"stride": [3, 1], "dilation": 2, "padding": 1}),
    ((2, 4, 4, 4), (6, 2, 2, 2), {"groups": 2}),
    ((2, 3, 4, 4), (6, 1, 3, 3), {"groups": 3, "padding": 1, "stride": 2}),
    ((1, 2, 4, 5), (2, 2, 3, 4), {"padding": "same"}),
    ((1, 1, 5, 5), (1, 1, 3, 3), {"padding": "same", "dilation": 2}),
    ((1, 1, 4, 4), (1, 1, 4, 4), {"padding": "valid"}),
    ((1, 1, 2, 2), (1, 1, 3, 3), {"padding": 3, "stride": 4}),
    ((3, 2, 3, 3), (4, 2, 1, 1), {}),
    ((0, 2, 3, 3), (4, 2, 2, 2), {}),
)
TRANSPOSED = (
    ((2, 2, 3, 4), (2, 3, 3, 2), {}),
    ((2, 3, 4), (2, 3, 3, 2), {}),
    ((1, 2, 3, 3), (2, 1, 3, 3), {"stride": 2, "padding": 1}),
    ((1, 2, 3, 3), (2, 1, 3, 3), {"stride": 2, "padding": 1, "outputPadding": 1}),
    ((1, 1, 2, 3), (1, 2, 2, 3), {"stride": [3, 2], "outputPadding": [2, 0]}),
    ((1, 2, 3, 2), (2, 2, 2, 2), {"dilation": [2, 3], "padding": [1, 0], "outputPadding": 1}),
    ((1, 1, 3, 3), (1, 1, 3, 2), {"stride": [4, 2], "dilation": [2, 4]}),
    ((2, 4, 2, 2), (4, 3, 2, 2), {"groups": 2, "stride": 2}),
    ((1, 1, 3, 3), (1, 1, 1, 1), {"stride": 3}),
)
TRANSPOSED1D = (
    ((2, 2, 4), (2, 3, 3), {}),
    ((3, 4), (3, 2, 3), {"stride": 2, "padding": 1}),
    ((1, 4, 3), (4, 1, 2), {"stride": [3], "groups": 2, "outputPadding": 2}),
    ((2, 1, 3), (1, 1, 2), {"dilation": 3, "padding": [2]}),
)
MAX2D = (
    ((2, 2, 4, 6), (2,), {}),
    ((2, 5, 5), (3,), {"stride": 2, "padding": 1}),
    ((1, 2, 5, 7), ([2, 3],), {"stride": [1, 2]}),
    ((1, 1, 5, 6), (2,), {"ceilMode": True}),
    ((1, 1, 6, 5), (3,), {"ceilMode": True, "padding": 1, "stride": 2}),
    ((1, 2, 6, 6), (2,), {"dilation": [2, 3], "stride": 1}),
    ((1, 1, 3, 3), (3,), {"padding": 1, "stride": 3, "ceilMode": True}),
)
AVG2D = (
    ((2, 2, 4, 6), (2,), {}),
    ((2, 5, 5), (3,), {"stride": 2, "padding": 1}),
    ((1, 2, 5, 7), ([2, 3],), {"stride": [1, 2], "padding": [1, 0], "countIncludePad": False}),
    ((1, 1, 5, 6), (2,), {"ceilMode": True}),
    ((1, 1, 6, 5), (3,), {"ceilMode": True, "padding": 1, "stride": 2}),
    ((1, 1, 6, 5), (3,), {"ceilMode": True, "padding": 1, "stride": 2, "countIncludePad": False}),
    ((1, 1, 4, 4), (2,), {"divisorOverride": 3}),
    ((1, 1, 3, 3), (3,), {"padding": 1, "stride": 3, "ceilMode": True}),
)
ADAPTIVE = (
    ((2, 2, 4, 6), 2),
    ((2, 5, 7), [2, 3]),
    ((1, 1, 3, 4), [5, 1]),
    ((1, 2, 5, 4), [None, 3]),
    ((1, 3, 4, 4), 1),
    ((1, 1, 3, 3), [3, 3]),
)
ADAPTIVE1D = (((2, 2, 6), 2), ((2, 7), [3]), ((1, 1, 3), 5), ((1, 2, 4), 1))
# shape of the image, kernel, options
COLUMNS = (
    ((2, 3, 4, 5), 2, {}),
    ((2, 5, 4), [2, 3], {"padding": 1, "stride": 2}),
    ((1, 1, 5, 6), [3, 2], {"dilation": [1, 2], "padding": [2, 0], "stride": [2, 1]}),
    ((1, 2, 3, 3), 3, {}),
    ((1, 1, 4, 4), 1, {"stride": 3}),
)


def windows() -> Suite:
    suite = Suite("windows")
    for op, function, cases in (
        ("conv1d", F.conv1d, CONV1D),
        ("conv2d", F.conv2d, CONV2D),
        ("convTranspose1d", F.conv_transpose1d, TRANSPOSED1D),
        ("convTranspose2d", F.conv_transpose2d, TRANSPOSED),
    ):
        for k, (x, w, options) in enumerate(cases):
            features = w[0] if "Transpose" not in op else w[1] * options.get("groups", 1)
            bias = {"bias": normal(features)} if k % 2 == 0 else {}
            suite.add(op, function, normal(*x), normal(*w), {**options, **bias})
    suite.add("conv2d", F.conv2d, normal(1, 1, 4, 4).frozen(), normal(2, 1, 3, 3))
    suite.add("conv2d", F.conv2d, normal(1, 1, 4, 4), normal(2, 1, 3, 3).frozen())
    add_pools(suite)
    add_columns(suite)
    return suite


def add_columns(suite: Suite) -> None:
    for shape, kernel, options in COLUMNS:
        image = normal(*shape)
        suite.add("im2col", F.unfold, image, kernel, options)
        columns = F.unfold(torch.zeros(*shape), kernel, **options).shape
        suite.add("col2im", F.fold, normal(*columns), list(shape[-2:]), kernel, options)


def add_pools(suite: Suite) -> None:
    suite.add("maxPool1d", F.max_pool1d, distinct(2, 2, 7), 3)
    gaps = values([[NAN, 1, NAN, 2, 3, NAN, 4]])
    suite.add("maxPool1d", F.max_pool1d, gaps, 3, note="NaN")
    suite.add("maxPool1d", F.max_pool1d, gaps, 3, {"stride": 1, "padding": 1}, note="NaN")
    lowest = values([[-INF] * 5])
    suite.add("maxPool1d", F.max_pool1d, lowest, 3, {"padding": 1}, note="-Infinity")
    dilated = {"stride": 1, "padding": 1, "dilation": 2}
    suite.add("maxPool1d", F.max_pool1d, lowest, 3, dilated, note="-Infinity")
    suite.add("maxPool1d", F.max_pool1d, distinct(2, 7), [2], {"stride": 3, "padding": 1})
    suite.add("maxPool1d", F.max_pool1d, distinct(1, 1, 8), 2, {"dilation": 3, "ceilMode": True})
    for shape, kernel, options in MAX2D:
        suite.add("maxPool2d", F.max_pool2d, distinct(*shape), *kernel, options)
    suite.add("avgPool1d", F.avg_pool1d, normal(2, 2, 7), 3)
    suite.add(
        "avgPool1d",
        F.avg_pool1d,
        normal(2, 7),
        [2],
        {"stride": 3, "padding": 1, "countIncludePad": False, "ceilMode": True},
    )
    for shape, kernel, options in AVG2D:
        suite.add("avgPool2d", F.avg_pool2d, normal(*shape), *kernel, options)
    for shape, size in ADAPTIVE:
        suite.add("adaptiveAvgPool2d", F.adaptive_avg_pool2d, normal(*shape), size)
        suite.add("adaptiveMaxPool2d", F.adaptive_max_pool2d, distinct(*shape), size)
    for shape, size in ADAPTIVE1D:
        suite.add("adaptiveAvgPool1d", F.adaptive_avg_pool1d, normal(*shape), size)
        suite.add("adaptiveMaxPool1d", F.adaptive_max_pool1d, distinct(*shape), size)
    equal = values([[3, 1, 3, 3, 2]])
    suite.add("adaptiveMaxPool1d", F.adaptive_max_pool1d, equal, 2, note="equal")
