"""Splits: which positions scikit-learn gives to each fold, and how many of each class to each part."""

from random import Random

import numpy as np
import sklearn
from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

SIZES = ((12, 3), (13, 4), (20, 5), (7, 7), (31, 6))


def classes(name: str, size: int, count: int) -> list[int]:
    """Labels of which the first class is the most frequent."""
    random = Random(name)
    return [min(random.randrange(count), random.randrange(count)) for _ in range(size)]


def folds(kind: str, size: int, count: int) -> dict:
    name = f"{kind}({size}, {count})"
    labels = classes(name, size, 3)
    maker = KFold(count) if kind == "kFold" else StratifiedKFold(count)
    tests = [test.tolist() for _, test in maker.split(np.zeros(size), labels)]
    return {"name": name, "split": kind, "labels": labels, "folds": count, "expected": tests}


def parts(size: int, held: int, count: int) -> dict:
    name = f"stratifiedSplit({size}, {held}, {count})"
    labels = classes(name, size, count)
    both = train_test_split(labels, test_size=held, stratify=labels, random_state=0)
    counts = [[part.count(c) for c in range(count)] for part in both]
    return {"name": name, "split": "stratifiedSplit", "labels": labels, "sizes": [size - held, held], "expected": counts}


def splits() -> dict:
    cases = [folds(kind, *size) for kind in ("kFold", "stratifiedKFold") for size in SIZES if kind == "kFold" or size[0] > size[1]]
    cases += [parts(60, 15, 3), parts(101, 20, 4), parts(40, 30, 2)]
    return {"title": "splits", "sklearn": sklearn.__version__, "cases": cases}
