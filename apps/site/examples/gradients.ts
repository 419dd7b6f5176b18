import {
  checkpoint,
  detectAnomaly,
  enableGrad,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  noGrad,
  type Tensor,
  tensor,
  toMermaid,
  valueAndGrad,
  vjp,
} from "thalweg";

{
  // #region backward
  const [x, y] = [tensor([2]), tensor([3])];
  const w = tensor([1], { requiresGrad: true });
  const loss = x.mul(w).sub(y).square().sum();
  loss.backward();
  w.grad!.toArray(); // → [-4]
  // #endregion backward

  // #region accumulate
  x.mul(w).sub(y).square().sum().backward();
  w.grad!.toArray(); // → [-8]
  w.grad = null;
  // #endregion accumulate

  // #region no-grad
  noGrad(() => w.sub_(0.1));
  w.mul(2).requiresGrad; // → true
  noGrad(() => w.mul(2)).requiresGrad; // → false
  noGrad(() => enableGrad(() => w.mul(2))).requiresGrad; // → true
  w.mul(2).detach().requiresGrad; // → false
  // #endregion no-grad
}

{
  // #region grad
  const x = tensor([1, 2, 3], { requiresGrad: true });
  const y = x.square().mul(x).sum();
  const slope = grad(y, x, { createGraph: true });
  slope.toArray(); // → [3,12,27]
  grad(slope.sum(), x).toArray(); // → [6,12,18]
  x.grad; // → null
  // #endregion grad
}

{
  // #region functional
  const f = (x: Tensor) => x.square().mul(x).sum();
  const x = tensor([1, 2]);
  const [value, slope] = valueAndGrad(f)(x);
  value.item(); // → 9
  slope.toArray(); // → [3,12]
  hessian(f, x).toArray(); // → [[6,0],[0,12]]
  hvp(f, x, tensor([1, 1]))[1].toArray(); // → [6,12]
  // #endregion functional

  // #region products
  const g = (x: Tensor) => x.square();
  jacobian(g, x).toArray(); // → [[2,0],[0,4]]
  vjp(g, x, tensor([1, 10]))[1].toArray(); // → [2,40]
  jvp(g, x, tensor([1, 10]))[1].toArray(); // → [2,40]
  // #endregion products
}

{
  // #region hooks
  const x = tensor([1, 2], { requiresGrad: true });
  const hidden = x.mul(3);
  const remove = hidden.registerHook((grad) => grad.clamp(-1, 1));
  hidden.square().sum().backward();
  x.grad!.toArray(); // → [3,3]
  remove();
  // #endregion hooks
}

{
  // #region retain
  const x = tensor([1, 2], { requiresGrad: true });
  const hidden = x.exp();
  hidden.retainGrad();
  hidden.sum().backward();
  hidden.grad!.toArray(); // → [1,1]
  // #endregion retain
}

{
  // #region checkpoint
  const w = tensor([2], { requiresGrad: true });
  const block = (x: Tensor) => x.mul(w).tanh().mul(w).tanh();
  const y = checkpoint(block, tensor([0.5]));
  y.sum().backward();
  w.grad!.shape; // → [1]
  // #endregion checkpoint
}

{
  // #region anomaly
  const message = (() => {
    try {
      return detectAnomaly(() => {
        const x = tensor([0], { requiresGrad: true });
        x.sqrt().mul(0).sum().backward();
        return "";
      });
    } catch (error) {
      return (error as Error).message;
    }
  })();
  message.split(";")[0]; // → "backward: the gradient of sqrt holds NaN"
  // #endregion anomaly
}

{
  // #region draw
  const w = tensor([3], { requiresGrad: true });
  const drawing = toMermaid(w.square().add(1));
  drawing.split("\n")[0]; // → "flowchart LR"
  // #endregion draw
}
