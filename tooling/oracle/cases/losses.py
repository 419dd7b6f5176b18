"""Loss functions: every reduction, every option, extreme inputs."""

import torch
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
    add_soft_margins(suite)
    add_multi_margins(suite)
    add_multilabel_margins(suite)
    add_ctc(suite)
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
    op, loss = "tripletMarginWithDistanceLoss", F.triplet_margin_with_distance_loss
    for options in REDUCTIONS:
        for more in ({}, {"margin": 0.25}, {"swap": True, "margin": 2}):
            suite.add(op, loss, normal(4, 3), normal(4, 3), normal(4, 3), {**more, **options})


def add_soft_margins(suite: Suite) -> None:
    signs = values([[1, -1, 1, -1], [-1, -1, 1, 1]]).frozen()
    for options in REDUCTIONS:
        suite.add("softMarginLoss", F.soft_margin_loss, normal(2, 4), signs, options)
        truth = values([[1, 0, 1], [0, 0, 1]]).frozen()
        op, loss = "multilabelSoftMarginLoss", F.multilabel_soft_margin_loss
        for weight in ({}, {"weight": uniform(0.25, 2, 3).frozen()}):
            suite.add(op, loss, normal(2, 3), truth, {**weight, **options})
        suite.add(op, loss, normal(2, 2, 3), uniform(0, 1, 2, 2, 3), options)
    suite.add("multilabelSoftMarginLoss", F.multilabel_soft_margin_loss, normal(3), uniform(0, 1, 3))


def reduce(losses, reduction: str):
    return {"none": losses, "sum": losses.sum(), "mean": losses.mean()}[reduction]


def multi_margin(x, target, p=1, margin=1.0, weight=None, reduction="mean"):
    """PyTorch's function, written out: this version cannot differentiate it twice."""
    rows, truth = x.reshape(-1, x.shape[-1]), target.reshape(-1)
    excess = (margin - rows.gather(1, truth.unsqueeze(1)) + rows).clamp(min=0) ** p
    others = torch.ones_like(rows).scatter(1, truth.unsqueeze(1), 0)
    losses = (excess * others).mean(1) * (1 if weight is None else weight[truth])
    y = reduce(losses.reshape(target.shape), reduction)
    options = {"p": p, "margin": margin, "weight": weight, "reduction": reduction}
    torch.testing.assert_close(y, F.multi_margin_loss(x, target, **options))
    return y


def add_multi_margins(suite: Suite) -> None:
    op, target = "multiMarginLoss", index([2, 0, 1, 2])
    weight = {"weight": uniform(0.25, 2, 3).frozen()}
    for options in REDUCTIONS:
        for more in ({}, {"p": 2, "margin": 0.5}, weight, {**weight, "p": 2}):
            suite.add(op, multi_margin, normal(4, 3), target, {**more, **options})
    suite.add(op, multi_margin, normal(3), index(1))
    huge = values([[1e4, -1e4, 0], [-1e4, 1e4, 1e4]])
    suite.add(op, multi_margin, huge, index([0, 0]), {"reduction": "none"}, note="huge", second=False)


def multilabel_margin(x, target, reduction="mean"):
    """PyTorch's function, written out: this version cannot differentiate it twice."""
    losses = []
    for row, truth in zip(x.reshape(-1, x.shape[-1]), target.reshape(-1, x.shape[-1]), strict=True):
        labels = truth.tolist()
        labels = labels[: labels.index(-1)] if -1 in labels else labels
        others = [i for i in range(len(row)) if i not in labels]
        excess = [(1 - row[j] + row[i]).clamp(min=0) for j in labels for i in others]
        losses.append(sum(excess, 0 * row.sum()) / len(row))
    y = reduce(torch.stack(losses).reshape(x.shape[:-1]), reduction)
    torch.testing.assert_close(y, F.multilabel_margin_loss(x, target, reduction=reduction))
    return y


def add_multilabel_margins(suite: Suite) -> None:
    op, labels = "multilabelMarginLoss", index([[3, 0, -1, 1], [-1, 0, 1, 2], [0, 1, 2, 3]])
    for options in REDUCTIONS:
        suite.add(op, multilabel_margin, normal(3, 4), labels, options)
    suite.add(op, multilabel_margin, normal(4), index([2, -1, 2, 0]))
    suite.add(op, multilabel_margin, normal(4), index([1, 1, -1, 0]), note="twice")


def ctc(x, targets, input_lengths, target_lengths, blank=0, zero_infinity=False, reduction="mean"):
    """Graves et al., "Connectionist temporal classification", 2006. PyTorch's own gradient is that of
    logits before a log_softmax, and cannot be differentiated."""
    lengths = [[n] if isinstance(n, int) else list(map(int, n)) for n in (input_lengths, target_lengths)]
    batch = x if x.ndim == 3 else x.unsqueeze(1)
    rows = targets if targets.ndim == 2 else targets.split(lengths[1])
    losses = []
    for b, (time, length) in enumerate(zip(*lengths, strict=True)):
        log_likelihood = ctc_row(batch[:time, b], rows[b][:length].tolist(), blank)
        impossible = 0 * batch[:, b].sum() + (0 if zero_infinity else INF)
        losses.append(impossible if log_likelihood is None else -log_likelihood)
    losses = torch.stack(losses)
    if reduction == "mean":
        y = (losses / torch.tensor(lengths[1]).clamp(min=1)).mean()
    else:
        y = reduce(losses if x.ndim == 3 else losses[0], reduction)
    options = {"blank": blank, "zero_infinity": zero_infinity, "reduction": reduction}
    given = [torch.tensor(n) if x.ndim == 3 else torch.tensor(n[0]) for n in lengths]
    torch.testing.assert_close(y, F.ctc_loss(x.detach(), targets, *given, **options))
    return y


def ctc_row(x, target: list[int], blank: int):
    """The logarithm of the probability of one target; None where it is 0."""
    states = [blank] + [state for label in target for state in (label, blank)]
    now = [x.new_zeros(()), *[None] * (len(states) - 1)]
    for step in x:
        ways = []
        for s, state in enumerate(states):
            before = [now[s], *([now[s - 1]] if s > 0 else [])]
            if s > 1 and state not in (blank, states[s - 2]):
                before.append(now[s - 2])
            possible = [way for way in before if way is not None]
            ways.append(torch.stack(possible).logsumexp(0) + step[state] if possible else None)
        now = ways
    ends = [way for way in now[-2:] if way is not None]
    return torch.stack(ends).logsumexp(0) if ends else None


def add_ctc(suite: Suite) -> None:
    op, padded = "ctcLoss", index([[1, 2, 2], [3, 0, 0], [2, 1, 3]])
    for options in REDUCTIONS:
        suite.add(op, ctc, normal(6, 3, 4), padded, [6, 4, 5], [3, 1, 2], options)
        row = index([1, 2, 2, 3, 2, 1])
        suite.add(op, ctc, normal(6, 3, 4), row, [6, 4, 5], [3, 1, 2], options)
        short = {"zeroInfinity": True, **options}
        suite.add(op, ctc, normal(4, 3, 4), padded, [3, 1, 4], [3, 1, 3], short, note="impossible")
    blank = {"blank": 2, "reduction": "none"}
    suite.add(op, ctc, normal(5, 2, 3), index([[0, 1], [1, 1]]), [5, 4], [2, 2], blank)
    suite.add(op, ctc, normal(5, 2, 3), index([[1, 1], [0, 0]]), [5, 4], [2, 0], note="no labels")
    lengths = (index([5, 3]), index([1, 2]))
    suite.add(op, ctc, normal(5, 2, 3), index([[1, 0], [2, 1]]), *lengths)
    suite.add(op, ctc, normal(5, 4), index([3, 1]), 5, 2)
    suite.add(op, ctc, normal(5, 4), index([3, 1]), 4, 2, {"reduction": "none"})
