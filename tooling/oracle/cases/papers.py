"""Optimizers that this PyTorch lacks, transcribed from their papers for float64 tensors.

Written for one tensor at a time, in the order and the names of the papers' algorithms.
"""

from collections.abc import Callable
from math import sqrt

import torch

Step = Callable[[torch.Tensor, torch.Tensor, dict, int], torch.Tensor]


def lion(*, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, maximize=False) -> Step:
    """Chen et al., Symbolic discovery of optimization algorithms, arXiv 2302.06675, algorithm 2."""

    def step(theta, g, memory, t):
        g = -g if maximize else g
        m = memory.get("m", torch.zeros_like(theta))
        c = betas[0] * m + (1 - betas[0]) * g
        memory["m"] = betas[1] * m + (1 - betas[1]) * g
        return theta - lr * (torch.sign(c) + weight_decay * theta)

    return step


def lamb(
    *,
    lr=1e-3,
    betas=(0.9, 0.999),
    eps=1e-6,
    weight_decay=0.0,
    max_norm=None,
    maximize=False,
) -> Step:
    """You et al., Large batch optimization for deep learning, arXiv 1904.00962, algorithm 2.

    phi(z) = min(z, max_norm), as in section 3; the ratio is 1 where a norm is 0, as in the
    authors' code.
    """

    def step(x, g, memory, t):
        g = -g if maximize else g
        m = betas[0] * memory.get("m", 0) + (1 - betas[0]) * g
        v = betas[1] * memory.get("v", 0) + (1 - betas[1]) * g * g
        memory.update(m=m, v=v)
        r = (m / (1 - betas[0] ** t)) / (torch.sqrt(v / (1 - betas[1] ** t)) + eps)
        u = r + weight_decay * x
        size = sqrt(float((x * x).sum()))
        phi = size if max_norm is None else min(size, max_norm)
        length = sqrt(float((u * u).sum()))
        ratio = phi / length if phi > 0 and length > 0 else 1.0
        return x - lr * ratio * u

    return step


def muon(
    *,
    lr=1e-3,
    weight_decay=0.1,
    momentum=0.95,
    nesterov=True,
    ns_coefficients=(3.4445, -4.775, 2.0315),
    ns_steps=5,
    eps=1e-7,
    adjust_lr_fn="original",
    maximize=False,
) -> Step:
    """Jordan et al., Muon, https://kellerjordan.github.io/posts/muon (2024).

    Options and the scale "match_rms_adamw" as in torch.optim.Muon of PyTorch 2.9; the latter is
    from Liu et al., Muon is scalable for LLM training, arXiv 2502.16982, equation 4.
    """
    a, b, c = ns_coefficients

    def newton_schulz(g):
        """a X + b (X Xt) X + c (X Xt)^2 X, again and again, on the singular values themselves."""
        left, values, right = torch.linalg.svd(g, full_matrices=False)
        values = values / max(sqrt(float((values * values).sum())), eps)
        for _ in range(ns_steps):
            values = a * values + b * values**3 + c * values**5
        return left @ torch.diag(values) @ right

    def step(w, g, memory, t):
        g = -g if maximize else g
        rows, columns = w.shape[0], w[0].numel()
        buffer = momentum * memory.get("m", 0) + (1 - momentum) * g
        memory["m"] = buffer
        direction = momentum * buffer + (1 - momentum) * g if nesterov else buffer
        update = newton_schulz(direction.reshape(rows, columns)).reshape(w.shape)
        original = sqrt(max(1, rows / columns))
        scale = original if adjust_lr_fn == "original" else 0.2 * sqrt(max(rows, columns))
        return (1 - lr * weight_decay) * w - lr * scale * update

    return step


PAPERS = {"Lion": lion, "LAMB": lamb, "Muon": muon}


class Transcribed:
    """One of them with the interface of torch.optim."""

    def __init__(self, name: str, parameters: list[torch.Tensor], options: dict):
        self.step_of = PAPERS[name](**options)
        self.parameters = parameters
        self.memories = [{} for _ in parameters]
        self.counts = [0 for _ in parameters]

    @torch.no_grad()
    def step(self) -> None:
        for i, parameter in enumerate(self.parameters):
            if parameter.grad is None:
                continue
            self.counts[i] += 1
            moved = self.step_of(parameter, parameter.grad, self.memories[i], self.counts[i])
            parameter.copy_(moved)
