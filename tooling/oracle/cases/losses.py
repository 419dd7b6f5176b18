"""Loss functions: every reduction, every option, extreme inputs."""

import torch.nn.functional as F

from .inputs import index, normal, signed, uniform, values
from .suite import Suite

INF = float("inf")
REDUCTIONS = ({}, {"reduction": "mean"}, {"reduction": "sum"}, {"reduction": "none"})
LOGITS = [[1e4, -1e4, 0], [1e4, 1e4, -1e4], [-1e4, -1e4, -1e4], [100, 0, -100]]


def losses() -> Suite:
    suite = Suite("losses")
    add_regression(suite)
    add_cross_entropy(suite)
    add_probabilities(suite)
    add_nll(suite)
    add_binary(suite)
    add_binary_logits(suite)
    add_divergence(suite)
    add_counts(suite)
    add_gaussian(suite)
    add_margins(suite)
    add_cosine(suite)
    add_triplets(suite)
    return suite


def add_regression(suite: Suite) -> None:
    plain = {"mseLoss": F.mse_loss, "l1Loss": F.l1_loss}
    smooth = {"smoothL1Loss": (F.smooth_l1_loss, "beta"), "huberLoss": (F.huber_loss, "delta")}
    every = {**plain, **{op: function for op, (function, _) in smooth.items()}}
    for op, function in every.items():
        for options in REDUCTIONS:
            suite.add(op, function, normal(3, 4), normal(3, 4), options)
        suite.add(op, function, normal(5), normal(5).frozen())
        suite.add(op, function, normal(), normal())
        edges = values([0, 1, -1, 0.5, 3, 1e4])
        suite.add(op, function, edges, values([0, 0, 0, 0.5, 3, -1e4]), note="kinks", second=False)
    for op, (function, option) in smooth.items():
        for threshold in (0.5, 2):
            for options in REDUCTIONS[1:]:
                both = {option: threshold, **options}
                suite.add(op, function, uniform(-3, 3, 2, 4), normal(2, 4), both)
        edges = values([0, 0.5, -0.5, 0.25])
        suite.add(
            op, function, edges, values([0, 0, 0, 0]), {option: 0.5}, note="kinks", second=False
        )
        suite.add(op, function, values([0, 3]), values([0, 3]), {option: 0.5}, note="equal")
    suite.add("smoothL1Loss", F.smooth_l1_loss, normal(2, 3), normal(2, 3), {"beta": 0})


def add_cross_entropy(suite: Suite) -> None:
    weight = uniform(0.25, 2, 3).frozen()
    pixels = index([[0, 2], [1, 1]])
    every = (
        {},
        {"weight": weight},
        {"ignoreIndex": 2},
        {"labelSmoothing": 0.1},
        {"weight": weight, "labelSmoothing": 0.25},
        {"weight": weight, "ignoreIndex": 0, "labelSmoothing": 0.1},
    )

    def add(x, target, options=None, note=""):
        suite.add("crossEntropy", F.cross_entropy, x, target, options or {}, note=note)

    for reduction in REDUCTIONS:
        for options in every:
            add(normal(4, 3), index([2, 0, 1, 2]), {**options, **reduction})
        add(normal(4, 3), index([2, -100, 1, -100]), reduction, note="-100 is ignored")
        add(normal(2, 3, 2), pixels, reduction)
        add(normal(2, 3, 2), pixels, {"weight": weight, "ignoreIndex": 1, **reduction})
        add(normal(2, 3, 2), pixels, {"weight": weight, "labelSmoothing": 0.1, **reduction})
        add(values(LOGITS), index([0, 2, 1, 2]), reduction, note="huge")
        smooth = {"labelSmoothing": 0.1, **reduction}
        add(values(LOGITS), index([0, 2, 1, 2]), smooth, note="huge")
    add(normal(3), index(1))
    add(normal(2, 3, 2, 2), index([[[0, 1], [2, 2]], [[1, 1], [0, 2]]]))
    add(normal(2, 3).frozen(), index([-100, -100]), note="all ignored")


def add_probabilities(suite: Suite) -> None:
    loss = F.cross_entropy
    weight = uniform(0.25, 2, 3).frozen()
    for reduction in REDUCTIONS:
        for options in ({}, {"weight": weight}, {"weight": weight, "labelSmoothing": 0.1}):
            both = {**options, **reduction}
            suite.add("crossEntropy", loss, normal(4, 3), uniform(0, 1, 4, 3), both)
        images = {"labelSmoothing": 0.1, **reduction}
        suite.add("crossEntropy", loss, normal(2, 3, 2), uniform(0, 1, 2, 3, 2), images)
    suite.add("crossEntropy", loss, normal(3), uniform(0, 1, 3))
    half = values([[0.5, 0.5, 0]] * 4).frozen()
    suite.add("crossEntropy", loss, values(LOGITS), half, note="huge")


def add_nll(suite: Suite) -> None:
    loss, target = F.nll_loss, index([2, 0, 1, 2])
    weight = uniform(0.25, 2, 3).frozen()
    for reduction in REDUCTIONS:
        for options in ({}, {"weight": weight}, {"ignoreIndex": 2}):
            suite.add("nllLoss", loss, normal(4, 3), target, {**options, **reduction})
        both = {"weight": weight, "ignoreIndex": 0, **reduction}
        suite.add("nllLoss", loss, normal(2, 3, 2), index([[0, 2], [1, 1]]), both)
        suite.add(
            "nllLoss", loss, normal(2, 3), index([-100, 1]), reduction, note="-100 is ignored"
        )
    suite.add("nllLoss", loss, normal(3), index(1))


def add_binary(suite: Suite) -> None:
    p = uniform(0.05, 0.95, 3, 4)

    def add(x, target, options, note=""):
        """Without second derivatives: PyTorch's add 1e-12 to what they divide by."""
        loss = F.binary_cross_entropy
        suite.add("binaryCrossEntropy", loss, x, target, options, note=note, second=False)

    for reduction in REDUCTIONS:
        add(p, uniform(0, 1, 3, 4), reduction)
        add(p, uniform(0, 1, 3, 4), {"weight": uniform(0.25, 2, 3, 4).frozen(), **reduction})
        columns = {"weight": uniform(0.25, 2, 4).frozen(), **reduction}
        add(p, uniform(0, 1, 3, 4).frozen(), columns)
    sure = values([0, 1, 1, 0, 0, 1])
    truth = values([0, 1, 0, 1, 0.5, 0.5]).frozen()
    add(sure, truth, {"reduction": "none"}, note="certain")


def add_binary_logits(suite: Suite) -> None:
    op, loss, x = (
        "binaryCrossEntropyWithLogits",
        F.binary_cross_entropy_with_logits,
        signed(0.1, 4, 3, 4),
    )
    for reduction in REDUCTIONS:
        weight = {"weight": uniform(0.25, 2, 3, 4).frozen()}
        pos_weight = {"posWeight": uniform(0.25, 3, 4).frozen()}
        for options in ({}, weight, pos_weight, {**weight, **pos_weight}):
            suite.add(op, loss, x, uniform(0, 1, 3, 4), {**options, **reduction})
        columns = {"weight": uniform(0.25, 2, 4).frozen(), **reduction}
        suite.add(op, loss, x, uniform(0, 1, 3, 4).frozen(), columns)
    huge = values([1e4, -1e4, 1e4, -1e4, 100, -100, 0])
    truth = values([1, 0, 0, 1, 0.5, 0.5, 1]).frozen()
    for options in ({}, {"posWeight": values(3).frozen()}):
        suite.add(op, loss, huge, truth, {"reduction": "none", **options}, note="huge")


def add_divergence(suite: Suite) -> None:
    op, loss = "klDiv", F.kl_div
    for options in (*REDUCTIONS, {"reduction": "batchmean"}):
        suite.add(op, loss, normal(3, 4), uniform(0.05, 1, 3, 4), options)
        suite.add(op, loss, normal(2, 3, 2), normal(2, 3, 2), {**options, "logTarget": True})
    suite.add(op, loss, normal(), uniform(0.05, 1), {"reduction": "batchmean"})
    suite.add(op, loss, normal(5), uniform(0.05, 1, 5).frozen(), {"reduction": "batchmean"})
    sure = values([0, 1, 0, 0.5]).frozen()
    each = {"reduction": "none"}
    suite.add(op, loss, values([-1e4, -1e4, 0, -100]), sure, each, note="certain and huge")
    logs = values([-1e4, 0, -100, -1e4])
    both = {**each, "logTarget": True}
    suite.add(op, loss, values([-1, -1e4, -1e4, -1e4]), logs, both, note="huge")


def add_counts(suite: Suite) -> None:
    op, loss = "poissonNllLoss", F.poisson_nll_loss
    for options in REDUCTIONS:
        suite.add(op, loss, normal(3, 4), uniform(0, 6, 3, 4), options)
        suite.add(op, loss, normal(3, 4), uniform(1.1, 6, 3, 4), {"full": True, **options})
        rates = {"logInput": False, **options}
        suite.add(op, loss, uniform(0.1, 6, 3, 4), uniform(0, 6, 3, 4), rates)
        both = {"full": True, "eps": 0.5, **rates}
        suite.add(op, loss, uniform(0.1, 6, 3, 4), uniform(1.1, 6, 3, 4), both)
    few = values([0, 1, 1, 2, 0.5]).frozen()
    suite.add(op, loss, normal(5), few, {"full": True, "reduction": "none"}, note="few")
    huge = values([-1e4, -100, -1e4, 0])
    suite.add(op, loss, huge, values([0, 3, 2, 1e4]).frozen(), {"reduction": "none"}, note="huge")


def add_gaussian(suite: Suite) -> None:
    op, loss = "gaussianNllLoss", F.gaussian_nll_loss
    for options in REDUCTIONS:
        for shape in ((3, 4), (3, 1), (3,)):
            variance = uniform(0.25, 4, *shape)
            suite.add(op, loss, normal(3, 4), normal(3, 4), variance, options)
        spread = uniform(0.25, 4, 3, 4).frozen()
        full = {"full": True, **options}
        suite.add(op, loss, normal(3, 4), normal(3, 4).frozen(), spread, full)
    small = values([0, 0.25, 1, 0.125])
    each = {"reduction": "none", "eps": 0.5}
    suite.add(op, loss, normal(4), normal(4), small, each, note="small", second=False)
    huge = values([1e4, -1e4, 0, 1e4])
    spread = values([1, 1e4, 1e-4, 1e8])
    suite.add(op, loss, huge, values([0, 1e4, 0, 1e4]), spread, {"reduction": "none"}, note="huge")


def add_margins(suite: Suite) -> None:
    signs = values([[1, -1, 1, -1], [-1, -1, 1, 1]]).frozen()
    op, loss = "hingeEmbeddingLoss", F.hinge_embedding_loss
    kinks = values([1, 1, 0, 0.5, 1e4, 1e4, -1e4, -1e4])
    truth = values([1, -1, 0, 0, 1, -1, 1, -1]).frozen()
    for options in REDUCTIONS:
        for margin in ({}, {"margin": 0.25}):
            suite.add(op, loss, normal(2, 4), signs, {**margin, **options})
    suite.add(op, loss, kinks, truth, {"reduction": "none"}, note="kinks and huge", second=False)

    op, loss = "marginRankingLoss", F.margin_ranking_loss
    for options in REDUCTIONS:
        for margin in ({}, {"margin": 0.5}):
            suite.add(op, loss, normal(2, 4), normal(2, 4), signs, {**margin, **options})
    x1, x2 = values([1, 1.5, 1e4, -1e4]), values([1, 1, -1e4, 1e4])
    each = {"margin": 0.5, "reduction": "none"}
    turns = values([1, 1, -1, 1]).frozen()
    suite.add(op, loss, x1, x2, turns, each, note="kinks and huge", second=False)


def add_cosine(suite: Suite) -> None:
    op, loss = "cosineEmbeddingLoss", F.cosine_embedding_loss
    signs = values([1, -1, 1, -1]).frozen()
    for options in REDUCTIONS:
        for margin in ({}, {"margin": 0.25}, {"margin": -0.5}):
            suite.add(op, loss, normal(4, 3), normal(4, 3), signs, {**margin, **options})
    suite.add(op, loss, normal(5), normal(5), values(-1).frozen())
    rows = [[0, 0], [1e4, -1e4], [1e4, 1e4], [0.5, 0.25]]
    columns = [[1, 2], [1e4, 1e4], [1e4, 1e4], [1e4, 0]]
    each = {"reduction": "none", "margin": -0.75}
    suite.add(op, loss, values(rows), values(columns), signs, each, note="huge", second=False)


def add_triplets(suite: Suite) -> None:
    op, loss = "tripletMarginLoss", F.triplet_margin_loss
    every = ({}, {"margin": 0.25, "p": 1}, {"p": 3, "eps": 0.01}, {"swap": True, "margin": 2})
    for options in REDUCTIONS:
        for more in every:
            suite.add(op, loss, normal(4, 3), normal(4, 3), normal(4, 3), {**more, **options})
    suite.add(op, loss, normal(4, 3), normal(4, 3), normal(4, 3), {"p": INF})
    suite.add(op, loss, normal(5), normal(5), normal(5))
    suite.add(op, loss, normal(2, 2, 3), normal(2, 2, 3), normal(2, 2, 3), {"reduction": "none"})
    huge = [values(data) for data in ([[1e4, 0]], [[-1e4, 0]], [[0, 1e4]])]
    suite.add(op, loss, *huge, note="huge", second=False)
