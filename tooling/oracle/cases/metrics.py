"""Metrics: what scikit-learn says of batches of inputs and targets."""

from math import exp
from random import Random

import numpy as np
import sklearn
import torch
from sklearn import metrics as sk

from .encode import DIGITS, number

AVERAGES = ("micro", "macro", "weighted", "none")


def labels(name: str, size: int, classes: int, chosen: tuple[int, ...] | None = None) -> list[int]:
    random = Random(name)
    return [random.choice(chosen or range(classes)) for _ in range(size)]


def scores(name: str, *shape: int, levels: int = 256) -> np.ndarray:
    """Probabilities on a grid; few levels make ties."""
    random = Random(name)
    return np.array([random.randint(0, levels) / levels for _ in range(int(np.prod(shape)))]).reshape(shape)


def reals(name: str, *shape: int) -> np.ndarray:
    random = Random(name)
    return np.array([round(random.gauss(0, 2) * 256) / 256 for _ in range(int(np.prod(shape)))]).reshape(shape)


def result(value):
    if isinstance(value, (list, np.ndarray)):
        return [result(item) for item in value]
    return number(float(value), DIGITS)


def case(name: str, metric: str, inputs, targets, expected, options: dict | None = None, args=()) -> dict:
    return {
        "name": name,
        "metric": metric,
        "args": list(args),
        "options": options or {},
        "input": np.asarray(inputs).tolist(),
        "target": np.asarray(targets).tolist(),
        "expected": result(expected),
    }


def average(name: str) -> str | None:
    return None if name == "none" else name


def accuracies() -> list[dict]:
    target = labels("accuracy", 50, 5)
    guess = labels("accuracy guesses", 50, 5)
    score = reals("accuracy scores", 50, 5)
    binary, chance = labels("binary", 40, 2), scores("chances", 40)
    cases = [
        case("labels", "Accuracy", guess, target, sk.accuracy_score(target, guess)),
        case("scores", "Accuracy", score, target, sk.accuracy_score(target, score.argmax(1))),
        case("threshold", "Accuracy", chance, binary, sk.accuracy_score(binary, chance > 0.5), {"threshold": 0.5}),
    ]
    for k in (2, 3, 4):
        expected = sk.top_k_accuracy_score(target, score, k=k, labels=range(5))
        cases.append(case(f"the first {k}", "Accuracy", score, target, expected, {"topK": k}))
    return cases


def quotients() -> list[dict]:
    functions = {"Precision": sk.precision_score, "Recall": sk.recall_score, "F1": sk.f1_score}
    situations = {
        "all classes": (labels("p", 60, 4), labels("q", 60, 4)),
        "a class never predicted": (labels("p", 60, 4, (0, 2, 3)), labels("q", 60, 4)),
        "a class never true": (labels("p", 60, 4), labels("q", 60, 4, (0, 1, 3))),
        "a class nowhere": (labels("p", 60, 4, (0, 1, 3)), labels("q", 60, 4, (0, 1, 3))),
        "one class": ([1] * 7, [1] * 7),
    }
    binary = {
        "two classes": (labels("b", 40, 2), labels("c", 40, 2)),
        "no positives": ([1, 0, 0], [0, 0, 0]),
        "nothing predicted": ([0, 0, 0], [0, 1, 0]),
        "neither": ([0, 0], [0, 0]),
    }
    cases = []
    for metric, function in functions.items():
        for title, (guess, target) in situations.items():
            for kind in AVERAGES:
                # Results of classes up to the last one that occurs.
                every = list(range(max(guess + target) + 1)) if kind == "none" else None
                for zero in (0, 1):
                    expected = function(target, guess, average=average(kind), labels=every, zero_division=zero)
                    options = {"average": kind, "zeroDivision": zero}
                    cases.append(case(f"{title}, {kind}, {zero}", metric, guess, target, expected, options))
        for title, (guess, target) in binary.items():
            for zero in (0, 1):
                # Version 1.2 has no F1 of 1 where there is neither; later ones do.
                if metric == "F1" and title == "neither" and zero == 1:
                    continue
                expected = function(target, guess, zero_division=zero)
                cases.append(case(f"{title}, {zero}", metric, guess, target, expected, {"zeroDivision": zero}))
    return cases


def confusions() -> list[dict]:
    target, guess = labels("m", 50, 4, (0, 1, 3)), labels("n", 50, 4, (0, 2, 3))
    return [
        case(
            f"confusion, {normalize}",
            "ConfusionMatrix",
            guess,
            target,
            sk.confusion_matrix(target, guess, labels=range(4), normalize=None if normalize == "none" else normalize),
            {"normalize": normalize},
            [4],
        )
        for normalize in ("none", "true", "pred", "all")
    ]


def rankings() -> list[dict]:
    cases = []
    for title, levels in (("many scores", 256), ("ties", 4), ("two scores", 1)):
        target, score = labels(title, 80, 2), scores(title, 80, levels=levels)
        cases.append(case(title, "AUROC", score, target, sk.roc_auc_score(target, score)))
        cases.append(case(title, "AveragePrecision", score, target, sk.average_precision_score(target, score)))
    cases.append(case("no positives", "AveragePrecision", [0.5, 0.25], [0, 0], 0.0))
    cases.append(case("only positives", "AveragePrecision", [0.5, 0.25], [1, 1], 1.0))
    target = labels("several", 90, 3, (0, 0, 1, 2))
    score = scores("several", 90, 3, levels=16)
    chance = score / score.sum(1, keepdims=True).clip(1e-9)
    # scikit-learn wants rows that add up to 1, for which all scores of a class are multiplied by other numbers.
    chance = np.round(chance * 4096) / 4096
    single = np.eye(3)[target]
    for kind in ("macro", "weighted", "none"):
        area = sk.roc_auc_score(single, chance, average=average(kind))
        precision = sk.average_precision_score(single, chance, average=average(kind))
        cases.append(case(f"several, {kind}", "AUROC", chance, target, area, {"average": kind}))
        cases.append(case(f"several, {kind}", "AveragePrecision", chance, target, precision, {"average": kind}))
    return cases


def errors() -> list[dict]:
    target, guess = reals("y", 40), reals("x", 40)
    many, guesses = reals("ys", 20, 3), reals("xs", 20, 3)
    constant = many.copy()
    constant[:, 1] = 0.25
    right = guesses.copy()
    right[:, 1] = 0.25
    cases = [
        case("MAE", "MAE", guess, target, sk.mean_absolute_error(target, guess)),
        case("MAE of several", "MAE", guesses, many, sk.mean_absolute_error(many, guesses)),
        case("RMSE", "RMSE", guess, target, sk.mean_squared_error(target, guess, squared=False)),
        case("R2", "R2", guess, target, sk.r2_score(target, guess)),
        case("R2 far from 0", "R2", guess + 4096, target + 4096, sk.r2_score(target + 4096, guess + 4096)),
        case("R2 of equal targets", "R2", guess[:3], [0.5] * 3, sk.r2_score([0.5] * 3, guess[:3])),
        case("R2 of equal targets, all right", "R2", [0.5] * 3, [0.5] * 3, sk.r2_score([0.5] * 3, [0.5] * 3)),
        case("R2 of one", "R2", [0.5], [1.0], float("nan")),
    ]
    kinds = {"uniformAverage": "uniform_average", "rawValues": "raw_values", "varianceWeighted": "variance_weighted"}
    for ours, theirs in kinds.items():
        for title, ys, xs in (("", many, guesses), (", one constant", constant, guesses), (", right", constant, right)):
            expected = sk.r2_score(ys, xs, multioutput=theirs)
            cases.append(case(f"R2 {ours}{title}", "R2", xs, ys, expected, {"multioutput": ours}))
    return cases


def others() -> list[dict]:
    logits, target = reals("logits", 12, 5), labels("tokens", 12, 5)
    ignored = [-100 if i % 4 == 0 else token for i, token in enumerate(target)]
    entropy = torch.nn.functional.cross_entropy
    values = reals("values", 9)
    return [
        case("Perplexity", "Perplexity", logits, target, exp(entropy(torch.tensor(logits), torch.tensor(target)))),
        case(
            "Perplexity, some ignored",
            "Perplexity",
            logits,
            ignored,
            exp(entropy(torch.tensor(logits), torch.tensor(ignored))),
        ),
        case("Mean", "Mean", values, [], values.mean()),
    ]


def metrics() -> dict:
    cases = [*accuracies(), *quotients(), *confusions(), *rankings(), *errors(), *others()]
    return {"title": "metrics", "sklearn": sklearn.__version__, "torch": torch.__version__, "cases": cases}
