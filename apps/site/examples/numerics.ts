import { crossEntropy, pointwise, tensor } from "thalweg";

{
  // #region kinks
  const x = tensor([-1, 0, 1], { requiresGrad: true });
  x.relu().sum().backward();
  x.grad!.toArray(); // → [0,0,1]
  x.grad = null;
  x.clamp(-1, 0).sum().backward();
  x.grad!.toArray(); // → [1,1,0]
  // #endregion kinks
}

{
  // #region ties
  const x = tensor([2, 1, 2], { requiresGrad: true });
  x.max().backward();
  x.grad!.toArray(); // → [0.5,0,0.5]
  x.grad = null;
  x.max(0).backward();
  x.grad!.toArray(); // → [1,0,0]
  // #endregion ties
}

{
  // #region nan-and-infinity
  const root = pointwise("rootOfPositive", (x) =>
    x.gt(0).choose(x.sqrt(), x.mul(0)),
  );
  const x = tensor([0, 4], { requiresGrad: true });
  root(x).sum().backward();
  x.grad!.toArray(); // → [0,0.25]
  // #endregion nan-and-infinity
}

{
  // #region losses-at-extreme-inputs
  const logits = tensor([[1e4, -1e4]], { requiresGrad: true });
  const loss = crossEntropy(logits, tensor([1]));
  loss.item(); // → 20000
  loss.backward();
  logits.grad!.toArray(); // → [[1,-1]]
  // #endregion losses-at-extreme-inputs
}

{
  // #region element-types
  const [count, more] = [
    tensor([1, 2], { dtype: "int32" }),
    tensor([0.5, 1]),
  ];
  count.add(more).dtype; // → "float32"
  count.add(1).dtype; // → "int32"
  count.div(2).toArray(); // → [0.5,1]
  tensor([2 ** 31 - 1], { dtype: "int32" })
    .add(1)
    .item(); // → -2147483648
  const scores = tensor([
    [1, 2],
    [3, 1],
  ]);
  const right = scores.argmax(1).eq(tensor([1, 1]));
  right.dtype; // → "bool"
  right.sum().item(); // → 1
  right.to("float32").mean().item(); // → 0.5
  // #endregion element-types
}
