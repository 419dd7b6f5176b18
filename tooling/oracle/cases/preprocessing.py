"""Preprocessing: what scikit-learn makes of tables, having learned from others."""

import warnings
from random import Random

import numpy as np
import sklearn
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

from .encode import DIGITS, number

NAN = float("nan")
STRATEGIES = {"mean": "mean", "median": "median", "mostFrequent": "most_frequent", "constant": "constant"}


def reals(name: str, rows: int, columns: int, missing: float = 0.0, offset: float = 0.0) -> np.ndarray:
    """Numbers on a grid, so that float32 holds them; a share of them is missing."""
    random = Random(name)
    draw = lambda: NAN if random.random() < missing else round(random.gauss(0, 2) * 64) / 64 + offset
    return np.array([[draw() for _ in range(columns)] for _ in range(rows)])


def labels(name: str, rows: int, columns: int, chosen=(0.0, 2.0, 3.0, 7.5)) -> np.ndarray:
    random = Random(name)
    return np.array([[random.choice(chosen) for _ in range(columns)] for _ in range(rows)])


def encode(table) -> list:
    return [[number(float(value), DIGITS) for value in row] for row in np.asarray(table, dtype=float)]


def case(name: str, preprocessor: str, options: dict, theirs, learned, other, inverse: bool = True) -> dict:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of columns of NaN
        made = theirs.fit(learned).transform(other)
        # It writes into its argument.
        back = theirs.inverse_transform(made.copy()) if inverse else None
    return {
        "name": name,
        "preprocessor": preprocessor,
        "options": options,
        "learned": encode(learned),
        "other": encode(other),
        "expected": encode(made),
        "inverse": None if back is None else encode(back),
    }


def tables() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    constant = reals("c", 9, 3)
    constant[:, 1] = 0.1
    empty = reals("e", 8, 3, 0.2)
    empty[:, 2] = NAN
    return {
        "full": (reals("a", 20, 3), reals("b", 5, 3)),
        "with NaN": (reals("a", 20, 3, 0.3), reals("b", 5, 3, 0.3)),
        "a constant column": (constant, reals("d", 4, 3)),
        "a column of NaN": (empty, reals("f", 4, 3)),
        "one row": (reals("g", 1, 2), reals("h", 3, 2)),
        "far from 0": (reals("i", 30, 2, 0.0, 65536.0), reals("j", 3, 2, 0.0, 65536.0)),
    }


def scalers() -> list[dict]:
    cases = []
    for title, pair in tables().items():
        for mean, std in ((True, True), (False, True), (True, False), (False, False)):
            options = {"withMean": mean, "withStd": std}
            theirs = StandardScaler(with_mean=mean, with_std=std)
            cases.append(case(f"{title}, {mean}, {std}", "StandardScaler", options, theirs, *pair))
        if title == "far from 0":
            continue  # Its formula loses digits there.
        for low, high, clip in ((0, 1, False), (-2, 3, False), (-1, 1, True)):
            options = {"featureRange": [low, high], "clip": clip}
            theirs = MinMaxScaler(feature_range=(low, high), clip=clip)
            cases.append(case(f"{title}, {low}, {high}, {clip}", "MinMaxScaler", options, theirs, *pair))
    return cases


def imputers() -> list[dict]:
    first = np.column_stack([reals("k", 20, 2, 0.3), reals("l", 20, 1)])
    pairs = {
        "reals": (first, reals("m", 6, 3, 0.5)),
        "ties": (labels("n", 12, 3, (NAN, 1.0, 2.0, 4.0)), labels("o", 5, 3, (NAN, 1.0))),
        "an even number": (np.array([[1.0], [4.0], [NAN], [2.0], [8.0]]), np.array([[NAN], [3.0]])),
    }
    cases = []
    for title, pair in pairs.items():
        for ours, theirs in STRATEGIES.items():
            for indicator in (False, True):
                fill = 2.5 if ours == "constant" else None
                options = {"strategy": ours, "addIndicator": indicator} | ({"fillValue": fill} if fill else {})
                imputer = SimpleImputer(strategy=theirs, fill_value=fill, add_indicator=indicator)
                cases.append(case(f"{title}, {ours}, {indicator}", "SimpleImputer", options, imputer, *pair, indicator))
    return cases


def encoders() -> list[dict]:
    learned, seen, unseen = labels("p", 15, 2), labels("q", 6, 2), labels("r", 6, 2, (0.0, 2.0, 5.0))
    missing = labels("s", 10, 2, (NAN, 1.0, 3.0))
    cases = [
        case("seen", "OneHotEncoder", {}, OneHotEncoder(sparse=False), learned, seen),
        case("NaN", "OneHotEncoder", {}, OneHotEncoder(sparse=False), missing, missing[:4]),
        case("seen", "OrdinalEncoder", {}, OrdinalEncoder(), learned, seen),
        case("NaN", "OrdinalEncoder", {}, OrdinalEncoder(), missing, missing[:4]),
    ]
    ignoring = OneHotEncoder(sparse=False, handle_unknown="ignore")
    cases.append(case("unseen", "OneHotEncoder", {"handleUnknown": "ignore"}, ignoring, learned, unseen))
    for value in (-1, -5, NAN):
        encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=value)
        options = {"handleUnknown": "useEncodedValue", "unknownValue": number(value)}
        cases.append(case(f"unseen, {value}", "OrdinalEncoder", options, encoder, learned, unseen))
    return cases


def compositions() -> list[dict]:
    """Those that the test makes by their names."""
    learned = np.column_stack([reals("t", 20, 2, 0.2), labels("u", 20, 1), reals("v", 20, 1)])
    other = np.column_stack([reals("w", 5, 2, 0.2), labels("x", 5, 1, (0.0, 5.0)), reals("y", 5, 1)])
    pipeline = lambda: make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    cases = []
    for remainder in ("drop", "passthrough"):
        parts = ((OneHotEncoder(sparse=False, handle_unknown="ignore"), [2]), (pipeline(), [1, 0]))
        theirs = make_column_transformer(*parts, remainder=remainder)
        cases.append(case(remainder, "ColumnTransformer", {"remainder": remainder}, theirs, learned, other, False))
    both = make_pipeline(StandardScaler(), MinMaxScaler())
    cases.append(case("scalers", "Pipeline", {}, both, reals("z", 12, 3, 0.2), reals("0", 4, 3, 0.2)))
    return cases


def preprocessing() -> dict:
    cases = scalers() + imputers() + encoders() + compositions()
    return {"title": "preprocessing", "sklearn": sklearn.__version__, "cases": cases}
