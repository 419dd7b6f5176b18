"""The model of apps/pronounce in PyTorch, with its names, and one step of its training."""

import math

import torch
import torch.nn.functional as F
from torch.nn import Dropout, Embedding, LayerNorm, Linear, Module, ModuleList, Parameter


class RMSNorm(Module):
    """torch.nn.RMSNorm, which came after 1.13."""

    def __init__(self, width):
        super().__init__()
        self.weight = Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + torch.finfo(x.dtype).eps) * self.weight


def norm(config):
    return (LayerNorm if config["norm"] == "layer" else RMSNorm)(config["width"])


def angles(count, waves):
    speeds = torch.exp(torch.arange(waves) * (-math.log(10_000) / waves))
    return torch.arange(count).unsqueeze(1) * speeds


def rotated(x):
    turn = angles(x.shape[-2], x.shape[-1] // 2)
    a, b = x.chunk(2, -1)
    return torch.cat([a * turn.cos() - b * turn.sin(), b * turn.cos() + a * turn.sin()], -1)


class CausalAttention(Module):
    def __init__(self, config):
        super().__init__()
        width = config["width"]
        self.c_attn = Linear(width, 3 * width)
        self.c_proj = Linear(width, width)
        self.dropout = Dropout(config["dropout"])
        self.heads = config["heads"]
        self.is_rotary = config["positions"] == "rotary"

    def forward(self, x):
        batch, tokens, width = x.shape
        heads = lambda y: y.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = map(heads, self.c_attn(x).chunk(3, -1))
        if self.is_rotary:
            q, k = rotated(q), rotated(k)
        later = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)
        scores = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).masked_fill(later, -math.inf)
        attended = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
        return self.dropout(self.c_proj(attended))


class FeedForward(Module):
    def __init__(self, config):
        super().__init__()
        width = config["width"]
        self.is_gated = config["activation"] == "swiglu"
        inner = round(8 * width / 3) if self.is_gated else 4 * width
        self.c_fc = Linear(width, 2 * inner if self.is_gated else inner)
        self.c_proj = Linear(inner, width)
        self.dropout = Dropout(config["dropout"])

    def forward(self, x):
        x = self.c_fc(x)
        if self.is_gated:
            gate, value = x.chunk(2, -1)
            x = F.silu(gate) * value
        else:
            x = F.gelu(x)
        return self.dropout(self.c_proj(x))


class Block(Module):
    def __init__(self, config):
        super().__init__()
        self.ln_1 = norm(config)
        self.attn = CausalAttention(config)
        self.ln_2 = norm(config)
        self.mlp = FeedForward(config)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(Module):
    def __init__(self, config):
        super().__init__()
        width = config["width"]
        self.positions = config["positions"]
        self.wte = Embedding(config["vocabulary"], width)
        if self.positions == "learned":
            self.wpe = Embedding(config["context"], width)
        self.dropout = Dropout(config["dropout"])
        self.h = ModuleList(Block(config) for _ in range(config["layers"]))
        self.ln_f = norm(config)
        self.lm_head = Linear(width, config["vocabulary"], bias=False)
        self.lm_head.weight = self.wte.weight
        residual = 0.02 / math.sqrt(2 * config["layers"])
        for name, parameter in self.named_parameters():
            if parameter.ndim >= 2:
                torch.nn.init.normal_(parameter, 0, residual if name.endswith("c_proj.weight") else 0.02)
            elif name.endswith("bias"):
                torch.nn.init.zeros_(parameter)

    def forward(self, tokens):
        x = self.wte(tokens)
        if self.positions == "learned":
            x = x + self.wpe(torch.arange(tokens.shape[1]))
        elif self.positions == "sinusoidal":
            turn = angles(tokens.shape[1], x.shape[-1] // 2)
            x = x + torch.cat([turn.sin(), turn.cos()], 1)
        x = self.dropout(x)
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))


def optimizer_of(model, lr):
    groups = [
        {"params": [p for p in model.parameters() if p.ndim >= 2], "weight_decay": 0.1},
        {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0},
    ]
    return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.99), eps=1e-6)


def take_step(model, optimizer, inputs, targets):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten(), reduction="sum")
    loss = loss / (targets != -100).sum()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
    optimizer.step()
    return loss


def rate_factor(done):
    """The factor of the learning rate when a share of training is done."""
    if done < 0.04:
        return max(done / 0.04, 1e-3)
    return 0.02 + 0.98 * (1 + math.cos(math.pi * min(1, (done - 0.04) / 0.96))) / 2
