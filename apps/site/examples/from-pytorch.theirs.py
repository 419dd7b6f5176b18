import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset


def show(x):
    print(" ".join(f"{v:.4f}" for v in x.detach().flatten().tolist()))


# region tensors
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
x.shape  # torch.Size([2, 2])
x[:, 1]
x[0:1, ::2]
x.view(4)
x.sum(dim=0, keepdim=True)
x @ x.T
torch.where(x > 2, x, 0.0)
# endregion tensors
show(x[:, 1])
show(x.sum(dim=0, keepdim=True))
show(x @ x.T)
show(torch.where(x > 2, x, torch.tensor(0.0)))

# region types
torch.tensor([1, 2]).dtype  # torch.int64
x.argmax(dim=1)  # torch.int64
(x.argmax(dim=1) == 1).float().mean()
x.max(dim=1).values
# endregion types
show((x.argmax(dim=1) == 1).float().mean())
show(x.max(dim=1).values)

# region autograd
w = torch.tensor([1.0, -2.0], requires_grad=True)
loss = (x @ w).square().mean()
loss.backward()
w.grad
with torch.no_grad():
    w -= 0.1 * w.grad
w.grad = None
frozen = w.detach()
# endregion autograd
show(w)

# region second-order
y = (w**3).sum()
(slope,) = torch.autograd.grad(y, w, create_graph=True)
(curvature,) = torch.autograd.grad(slope.sum(), w)
# endregion second-order
show(curvature)


# region module
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 3)
        self.out = nn.Linear(3, 2)

    def forward(self, x):
        return self.out(F.relu(self.hidden(x)))


model = Net()
model(x)
# endregion module

# region init
for parameter in model.parameters():
    nn.init.constant_(parameter, 0.1)
# endregion init
show(model(x))

# region loop
labels = torch.tensor([0, 1])
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
for epoch in range(10):
    loss = F.cross_entropy(model(x), labels)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step()
    loss.item()
# endregion loop
show(loss)

# region eval
model.eval()
with torch.no_grad():
    probabilities = model(x).softmax(dim=1)
model.train()
# endregion eval
show(probabilities)

# region data
dataset = TensorDataset(x, labels)
loader = DataLoader(dataset, batch_size=2, shuffle=True)
for inputs, targets in loader:
    inputs.shape
# endregion data

# region optimizer-groups
optimizer = torch.optim.SGD(
    [{"params": model.hidden.parameters(), "lr": 0.01}, {"params": model.out.parameters()}],
    lr=0.1,
)
optimizer.param_groups[0]["lr"]
# endregion optimizer-groups
show(torch.tensor([group["lr"] for group in optimizer.param_groups]))


# region function
class RoundThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.round()

    @staticmethod
    def backward(ctx, grad):
        return grad


RoundThrough.apply(w).sum().backward()
# endregion function
show(w.grad)
