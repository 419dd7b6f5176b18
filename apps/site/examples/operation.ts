import {
  gradcheck,
  gradgradcheck,
  opLaws,
  tensors,
} from "@thalweg/testing";
import fc from "fast-check";
import {
  defineFunction,
  noGrad,
  pointwise,
  type Tensor,
  tensor,
} from "thalweg";

// #region pointwise
const smoothStep = pointwise(
  "smoothStep",
  (x) => {
    const t = x.clamp(0, 1);
    return t.square().mul(t.mul(2).rsub(3));
  },
  { domain: { min: -1, max: 2, avoid: [0, 1] } },
);
smoothStep(tensor([-1, 0.5, 2])).toArray(); // → [0,0.5,1]
// #endregion pointwise

// #region several
const huberOf = pointwise("huberOf", (input, target, delta) => {
  const size = input.sub(target).abs();
  return size
    .le(delta)
    .choose(size.square().div(2), size.sub(delta.div(2)).mul(delta));
});
const x = tensor([0, 3], { requiresGrad: true });
huberOf(x, 0.5, 1).sum().backward();
x.grad!.toArray(); // → [-0.5,1]
// #endregion several

// #region own-gradient
const signThrough = pointwise("signThrough", (x) => x.sign(), {
  gradient: (g, _y, x) => [x.abs().le(1).choose(g, 0)],
});
// #endregion own-gradient
{
  const x = tensor([-3, 0.5], { requiresGrad: true });
  signThrough(x).sum().backward();
  x.grad!.toArray(); // → [0,1]
}

// #region composite
const cosineDistance = (a: Tensor, b: Tensor) => {
  const along = { keepDim: true };
  return a
    .div(a.norm(-1, along))
    .mul(b.div(b.norm(-1, along)))
    .sum(-1)
    .neg()
    .add(1);
};
cosineDistance(tensor([1, 0]), tensor([0, 2])).item(); // → 1
// #endregion composite

// #region function
const cubeRoot = defineFunction({
  name: "cubeRoot",
  forward: (x: Tensor) =>
    x
      .abs()
      .pow(1 / 3)
      .mul(x.sign()),
  backward: (grad, { output }) => grad.div(output.square().mul(3)),
});
const y = tensor([8], { requiresGrad: true });
cubeRoot(y).backward();
y.grad!.item().toFixed(4); // → "0.0833"
// #endregion function

// #region laws
for (const law of opLaws(smoothStep.op)) law.run();
// #endregion laws

// #region gradcheck
const positive = tensors({ maxRank: 2, min: 0.5, max: 2 });
fc.assert(
  fc.property(positive, (x) => {
    gradcheck((x) => cubeRoot(x).sum(), [x]);
    gradgradcheck((x) => cubeRoot(x).sum(), [x]);
  }),
);
// #endregion gradcheck
noGrad(() => cubeRoot(y)).item(); // → 2
