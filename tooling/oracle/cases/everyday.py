"""Everyday functions: special values, comparison of whole tensors, fused arithmetic."""

import torch

from .inputs import normal, values
from .suite import Suite

INF, NAN = float("inf"), float("nan")
ODD = [NAN, INF, -INF, 0, -1.5, 1e30]


def everyday() -> Suite:
    suite = Suite("everyday")
    add_special_values(suite)
    return suite


def add_special_values(suite: Suite) -> None:
    suite.add("isInf", torch.isinf, values(ODD).frozen())
    suite.add("isInf", torch.isinf, values(-INF).frozen())
    suite.add("isInf", torch.isinf, values([]).frozen())
    finite = {"posinf": 5, "neginf": -7}
    suite.add("nanToNum", torch.nan_to_num, values(ODD), finite)
    suite.add("nanToNum", torch.nan_to_num, values(ODD), {"nan": 2.5, **finite})
    suite.add("nanToNum", torch.nan_to_num, values([[NAN, 1], [2, 3]]))
    suite.add("nanToNum", torch.nan_to_num, normal(2, 3))
    suite.add("nanToNum", torch.nan_to_num, values([]))
