"""PyTorch as a contestant: answers the requests of protocol.ts on standard input and output.

Each problem is timed with one and with two threads first; the faster count is kept.
"""

import json
import math
import sys
import time
from pathlib import Path

import torch
from torch.nn import LSTM, Conv2d, CrossEntropyLoss, Flatten, Linear, MaxPool2d, Module, MSELoss, ReLU
from torch.nn import Sequential, TransformerEncoderLayer
from torch.nn import functional as F

sys.path.append(str(Path(__file__).parents[3] / "oracle"))
from gpt import GPT

COMPARED_STEPS = 10
THREADS = (1, 2)

OPERATIONS = {
    "add": lambda a, b: a + b,
    "addTaped": lambda a, b: a + b,
    "addRow": lambda a, row: a + row,
    "exp": lambda a: a.exp(),
    "sum": lambda a: a.sum(),
    "sumRows": lambda a: a.sum(0),
    "sumColumns": lambda a: a.sum(1),
    "softmax": lambda a: a.softmax(-1),
    "chain": lambda a, b: (a * b + a).relu(),
    "fused": lambda a, b: (a * b + a).relu(),
    "transpose": lambda a: a.t().contiguous(),
    "matmul": lambda a, b: a @ b,
    "matmulNT": lambda a, b: a @ b.t(),
    "matmulTN": lambda a, b: a.t() @ b,
}


def blas():
    """Debian's torch uses whatever BLAS is installed, and the reference one is some thirty times slower."""
    try:
        maps = Path("/proc/self/maps").read_text()
    except OSError:
        return "its BLAS"
    return next((name for name in ("openblas", "mkl", "blis") if name in maps), "reference BLAS")


def read(file, shape):
    with open(file, "rb") as stream:
        return torch.frombuffer(bytearray(stream.read()), dtype=torch.float32).reshape(shape)


class Operation:
    def __init__(self, problem, inputs):
        self.compute = OPERATIONS[problem["operation"]]
        self.inputs = inputs
        if problem["operation"] == "addTaped":
            inputs[0].requires_grad_()

    def begin(self):
        pass

    def run(self, count):
        compute, inputs = self.compute, self.inputs
        for _ in range(count):
            compute(*inputs)

    def result(self):
        return self.compute(*self.inputs).detach()


class Training:
    """Every round starts from the same weights."""

    def __init__(self, start):
        self.start = start
        self.step = start()

    def begin(self):
        self.step = self.start()

    def run(self, count):
        step = self.step
        for _ in range(count):
            if math.isnan(step()):
                raise ArithmeticError("diverged")

    def result(self):
        step = self.start()
        return torch.tensor([step() for _ in range(COMPARED_STEPS)])


def line_by_hand(lr, x, y):
    w = torch.zeros(1, 1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)

    def step():
        loss = (x @ w + b - y).square().mean()
        value = loss.item()
        loss.backward()
        with torch.no_grad():
            w.sub_(w.grad * lr)
            b.sub_(b.grad * lr)
        w.grad = b.grad = None
        return value

    return step


def fit(model, loss_of, optimizer, x, y):
    def step():
        loss = loss_of(model(x), y)
        value = loss.item()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return value

    return step


def line_by_modules(lr, x, y):
    model = Linear(1, 1)
    with torch.no_grad():
        model.weight.zero_()
        model.bias.zero_()
    return fit(model, MSELoss(), torch.optim.SGD(model.parameters(), lr=lr), x, y)


def mlp(problem, x, labels, parameters):
    layers = []
    for weight, bias in zip(parameters[::2], parameters[1::2]):
        layer = Linear(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
        layers += [layer] if not layers else [ReLU(), layer]
    model = Sequential(*layers)
    make = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[problem["optimizer"]]
    return fit(model, CrossEntropyLoss(), make(model.parameters(), lr=problem["lr"]), x, labels)


def cnn(problem, x, labels, parameters):
    layers = []
    for weight in parameters[0:4:2]:
        layers += [Conv2d(weight.shape[1], weight.shape[0], 3, padding=1), ReLU(), MaxPool2d(2)]
    layers += [Flatten(), Linear(parameters[4].shape[1], parameters[4].shape[0])]
    return fit_with(problem, Sequential(*layers), x, labels, parameters)


def fit_with(problem, model, x, labels, parameters):
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), parameters, strict=True):
            parameter.copy_(value)
    return fit(model, CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=problem["lr"]), x, labels)


class LastState(Module):
    """Classifies sequences by their last state."""

    def __init__(self, features, width, classes):
        super().__init__()
        self.lstm = LSTM(features, width, batch_first=True)
        self.linear = Linear(width, classes)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.linear(h[-1])


def lstm(problem, x, labels, parameters):
    classes, width = parameters[4].shape
    return fit_with(problem, LastState(x.shape[2], width, classes), x, labels, parameters)


def transformer(problem, x, labels, parameters):
    width, wide = parameters[6].shape
    layer = TransformerEncoderLayer(width, problem["heads"], wide, dropout=0, batch_first=True)
    model = Sequential(layer, Flatten(0, 1), Linear(width, parameters[-1].shape[0]))
    return fit_with(problem, model, x, labels, parameters)


def gpt(problem, tokens, targets, parameters):
    vocabulary, width = parameters[0].shape
    sizes = {"vocabulary": vocabulary, "context": tokens.shape[1], "width": width}
    parts = {"positions": "learned", "norm": "layer", "activation": "gelu", "dropout": 0}
    model = GPT({**sizes, **parts, "layers": problem["layers"], "heads": problem["heads"]})
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), parameters, strict=True):
            parameter.copy_(value)
    optimizer = torch.optim.Adam(model.parameters(), lr=problem["lr"])
    loss_of = lambda scores, labels: F.cross_entropy(scores.flatten(0, 1), labels.flatten())
    return fit(model, loss_of, optimizer, tokens.long(), targets)


def attention(q, k, v):
    return (q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5).softmax(-1) @ v


FUNCTIONS = {
    "conv2d": lambda x, weight: F.conv2d(x, weight, padding=1),
    "layerNorm": lambda x, weight, bias: F.layer_norm(x, weight.shape, weight, bias),
    "attention": attention,
}


class Function:
    def __init__(self, problem, inputs):
        self.compute = FUNCTIONS[problem["function"]]
        self.seed = inputs.pop() if problem["backward"] else None
        self.inputs = [x.requires_grad_(problem["backward"]) for x in inputs]

    def begin(self):
        pass

    def call(self):
        y = self.compute(*self.inputs)
        return [y] if self.seed is None else torch.autograd.grad(y, self.inputs, self.seed)

    def run(self, count):
        for _ in range(count):
            self.call()

    def result(self):
        return torch.cat([x.detach().flatten() for x in self.call()])


class AdamSteps:
    def __init__(self, problem, inputs):
        self.lr = problem["lr"]
        self.initial, self.gradient = inputs
        self.begin()

    def begin(self):
        self.parameter = self.initial.clone().requires_grad_()
        self.parameter.grad = self.gradient
        self.optimizer = torch.optim.Adam([self.parameter], lr=self.lr)

    def run(self, count):
        for _ in range(count):
            self.optimizer.step()

    def result(self):
        self.begin()
        self.run(3)
        return self.parameter.detach()


def prepare(problem, inputs):
    if problem["kind"] == "function":
        return Function(problem, inputs)
    if problem["kind"] == "adam":
        return AdamSteps(problem, inputs)
    if problem["kind"] == "operation":
        return Operation(problem, inputs)
    if problem["kind"] == "line":
        start = line_by_hand if problem["by"] == "hand" else line_by_modules
        return Training(lambda: start(problem["lr"], *inputs))
    x, labels, *parameters = inputs
    labels = labels.long()
    network = {"mlp": mlp, "cnn": cnn, "lstm": lstm, "transformer": transformer, "gpt": gpt}[problem["kind"]]
    return Training(lambda: network(problem, x, labels, parameters))


def timed(runner, count):
    runner.begin()
    start = time.perf_counter_ns()
    runner.run(count)
    return time.perf_counter_ns() - start


def best_threads(runner):
    """The count of threads that does the most in a tenth of a second."""
    times = {}
    for threads in THREADS:
        torch.set_num_threads(threads)
        count, total = 1, 0
        while total < 1e8:
            took = timed(runner, count)
            total += took
            times[threads] = took / count
            count *= 2
    return min(times, key=times.get)


def main():
    answer = lambda message: print(json.dumps(message), flush=True)
    answer({"name": "PyTorch", "version": f"{torch.__version__} with {blas()}"})
    runner = None
    for text in sys.stdin:
        request = json.loads(text)
        if request["do"] == "prepare":
            runner = prepare(request["problem"], [read(i["file"], i["shape"]) for i in request["inputs"]])
            torch.set_num_threads(best_threads(runner))
            answer({"done": True})
        elif request["do"] == "run":
            answer({"nanoseconds": timed(runner, request["count"])})
        else:
            with open(request["file"], "wb") as stream:
                stream.write(runner.result().contiguous().numpy().tobytes())
            answer({"done": True})


main()
