"""Probability distributions: moments, log-probabilities, entropies and divergences, with the gradients of parameters and values."""

import torch.distributions as D

from .inputs import index, normal, signed, uniform, values
from .suite import Suite

INF = float("inf")


def distributions() -> dict:
    suite = Suite("distributions")
    add_of_scale(suite, "Normal", D.Normal)
    add_of_scale(suite, "Gumbel", D.Gumbel)
    add_uniform(suite)
    add_exponential(suite)
    add_bernoulli(suite)
    add_categorical(suite)
    return suite.fixture()


def add(suite: Suite, name: str, make, parameters: tuple, method: str, *args, note="") -> None:
    """A method of the distribution with these parameters; arguments follow them among the inputs."""
    theirs = {"logProb": "log_prob"}.get(method, method)

    def call(*inputs):
        of, rest = inputs[: len(parameters)], inputs[len(parameters) :]
        if method == "klDivergence":
            return D.kl_divergence(make(*of), make(*rest))
        value = getattr(make(*of), theirs)
        return value(*rest) if callable(value) and not hasattr(value, "dtype") else value

    suite.add(f"{name}.{method}", call, *parameters, *args, note=note, second=False)


def add_of_scale(suite: Suite, name: str, make) -> None:
    for loc, scale, value in (
        (normal(), uniform(0.5, 3), normal()),
        (normal(3), uniform(0.5, 3, 3), normal(3)),
        (normal(3, 1), uniform(0.5, 3, 2), signed(0.1, 4, 4, 1, 2)),
    ):
        both = (loc, scale)
        add(suite, name, make, both, "logProb", value)
        add(suite, name, make, both, "klDivergence", normal(*loc.shape), uniform(0.5, 3, *scale.shape))
        add(suite, name, make, (loc.frozen(), scale), "entropy")
        add(suite, name, make, (loc.frozen(), scale), "variance")
        add(suite, name, make, (loc.frozen(), scale), "stddev")
        add(suite, name, make, (loc, scale.frozen()), "mean")
    add(suite, name, make, (normal(), uniform(0.5, 3)), "klDivergence", normal(2), uniform(0.5, 3, 2))
    far = values([-1e3, 1e3]) if name == "Normal" else values([-20, 1e3])
    add(suite, name, make, (values(0), values(1)), "logProb", far, note="far")


def add_uniform(suite: Suite) -> None:
    for shape in ((), (3,), (2, 3)):
        both = (uniform(-3, -1, *shape), uniform(1, 3, *shape))
        add(suite, "Uniform", D.Uniform, both, "logProb", uniform(-1, 1, *shape).frozen())
        wider = (uniform(-6, -4, *shape), uniform(4, 6, *shape))
        add(suite, "Uniform", D.Uniform, both, "klDivergence", *wider)
        for method in ("entropy", "mean", "variance", "stddev"):
            add(suite, "Uniform", D.Uniform, both, method)
    ends = values([-1, 2]).frozen()
    bounds = (values(-1).frozen(), values(2).frozen())
    add(suite, "Uniform", D.Uniform, bounds, "logProb", ends, note="ends")
    other = (values([-2, 0, -1]).frozen(), values([1, 3, 2]).frozen())
    bounds = (values([-1, -1, -1]).frozen(), values([2, 2, 2]).frozen())
    add(suite, "Uniform", D.Uniform, bounds, "klDivergence", *other, note="beyond")


def add_exponential(suite: Suite) -> None:
    for shape in ((), (3,), (2, 1)):
        rate = (uniform(0.25, 3, *shape),)
        add(suite, "Exponential", D.Exponential, rate, "logProb", uniform(0.1, 4, *shape))
        add(suite, "Exponential", D.Exponential, rate, "klDivergence", uniform(0.25, 3, *shape))
        for method in ("entropy", "mean", "variance", "stddev"):
            add(suite, "Exponential", D.Exponential, rate, method)
    add(suite, "Exponential", D.Exponential, (values([0.5, 2]),), "logProb", values([0, 0]), note="at 0")


def add_bernoulli(suite: Suite) -> None:
    makes = {"probs": lambda probs: D.Bernoulli(probs=probs), "logits": lambda logits: D.Bernoulli(logits=logits)}
    draws = {"probs": lambda *shape: uniform(0.05, 0.95, *shape), "logits": lambda *shape: signed(0.1, 4, *shape)}
    for key, make in makes.items():
        name, draw = f"Bernoulli({key})", draws[key]
        for shape, value in (((), 1), ((3,), [1, 0, 1]), ((2, 1), [0, 1, 1])):
            of = (draw(*shape),)
            add(suite, name, make, of, "logProb", values(value).frozen())
            add(suite, name, make, of, "klDivergence", draw(*shape))
            for method in ("entropy", "mean", "variance", "stddev"):
                add(suite, name, make, of, method)
    huge = (values([100, -100, 30, -30, 0]),)
    for value in (0, 1):
        add(suite, "Bernoulli(logits)", makes["logits"], huge, "logProb", values(value).frozen(), note=f"huge, {value}")
    add(suite, "Bernoulli(logits)", makes["logits"], huge, "entropy", note="huge")
    sure = (values([0, 1, 0, 1, 0.5, 0.5]).frozen(),)
    other = values([0, 1, 1, 0, 0, 1]).frozen()
    add(suite, "Bernoulli(probs)", makes["probs"], sure, "klDivergence", other, note="certain")
    add(suite, "Bernoulli(probs)", makes["probs"], sure, "variance", note="certain")


def add_categorical(suite: Suite) -> None:
    makes = {"probs": lambda probs: D.Categorical(probs=probs), "logits": lambda logits: D.Categorical(logits=logits)}
    draws = {"probs": lambda *shape: uniform(0.1, 3, *shape), "logits": normal}
    for key, make in makes.items():
        name, draw = f"Categorical({key})", draws[key]
        for shape, value in (
            ((4,), 2),
            ((4,), [3, 0, 0]),
            ((2, 3), [2, 1]),
            ((2, 3), [[0], [2]]),
            ((2, 1, 3), [[0, 1], [2, 2]]),
            ((2, 1), [0, 0]),
        ):
            add(suite, name, make, (draw(*shape),), "logProb", index(value))
        for shape in ((4,), (2, 3), (2, 1, 3)):
            of = (draw(*shape),)
            add(suite, name, make, of, "klDivergence", draw(*shape))
            add(suite, name, make, of, "entropy")
            add(suite, name, make, of, "probs")
            add(suite, name, make, of, "logits")
            for method in ("mean", "variance"):
                add(suite, name, make, (of[0].frozen(),), method)
        add(suite, name, make, (draw(4),), "klDivergence", draw(2, 4))
    some, others = values([[0, 1, 3], [1, 1, 0]]).frozen(), values([[0, 2, 2], [1, 0, 1]]).frozen()
    for method in ("entropy", "probs"):
        add(suite, "Categorical(probs)", makes["probs"], (some,), method, note="impossible")
    add(suite, "Categorical(probs)", makes["probs"], (some,), "klDivergence", others, note="impossible")
    some, others = values([[-INF, 1, 3], [1, 1, -INF]]).frozen(), values([[-INF, 2, 2], [1, -INF, 1]]).frozen()
    for method in ("entropy", "probs", "logits"):
        add(suite, "Categorical(logits)", makes["logits"], (some,), method, note="impossible")
    add(suite, "Categorical(logits)", makes["logits"], (some,), "klDivergence", others, note="impossible")
    add(suite, "Categorical(logits)", makes["logits"], (some,), "logProb", index([0, 2]), note="impossible")
    huge = values([[1e4, -1e4, 0], [1e4, 1e4, -1e4]]).frozen()
    add(suite, "Categorical(logits)", makes["logits"], (huge,), "entropy", note="huge")
