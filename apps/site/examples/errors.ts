import {
  compile,
  crossEntropy,
  Linear,
  loadSafetensors,
  noGrad,
  ReLU,
  Sequential,
  SGD,
  ShapeError,
  type Tensor,
  ThalwegError,
  tensor,
  zeros,
} from "thalweg";

// #region message
const messageOf = (f: () => unknown): string => {
  try {
    f();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};

messageOf(() => tensor([1, 2]).add(tensor([1, 2, 3]))); // → "add: shapes do not broadcast, [2] and [3]; trailing dimensions must be equal or 1: reshape or unsqueeze one side"
// #endregion message

// #region catch
try {
  zeros([2, 3]).matmul(zeros([2, 3]));
} catch (error) {
  error instanceof ShapeError && error instanceof ThalwegError; // → true
  (error as ShapeError).op; // → "matmul"
  (error as ShapeError).shapes; // → [[2,3],[2,3]]
}
// #endregion catch

// #region shapes
const model = new Sequential(
  new Linear(4, 8),
  new ReLU(),
  new Linear(9, 2),
);
messageOf(() => model.forward(zeros([1, 4]))); // → "Sequential \"2\" (Linear): the input does not fit, shape [1, 8] and 9 inputs; its last dimension must be 9"
messageOf(() => tensor([[1, 2], [3]])); // → "tensor: rows differ in length, 2 elements and 1 elements at depth 1; make all rows equally long"
messageOf(() => zeros([6]).reshape([4, 2])); // → "reshape: sizes do not agree, shape [6] has 6 elements and [4, 2] has 8; the product of the sizes must stay"
// #endregion shapes

// #region types
messageOf(() => tensor([1, 2], { dtype: "int32" }).mean()); // → "mean: needs floating point numbers, got int32; convert it with .to(\"float32\")"
messageOf(() => crossEntropy(zeros([2, 3]), tensor([0, 3]))); // → "crossEntropy: index 3 is not one of the 3 positions of the dimension; indices are whole numbers from 0 to 2"
// #endregion types

// #region gradients
const w = tensor([1], { requiresGrad: true });
messageOf(() => tensor([1]).backward()); // → "backward: the result does not require grad, nothing it was computed from does; create a tensor with { requiresGrad: true }, and compute outside of noGrad"
messageOf(() => w.add_(1)); // → "add_: the target is a leaf that requires grad, writing to it would lose its value before the gradient is known; wrap the write in noGrad(() => ...), or compute a new tensor"
messageOf(() => {
  const y = w.exp();
  y.mul_(2);
  y.backward();
}); // → "backward: a tensor that exp had saved for its gradient was modified in place since; write to a copy: clone() it first"
messageOf(() => {
  const y = w.exp();
  y.backward();
  y.backward();
}); // → "backward: the graph was already freed, at exp, by an earlier backward; pass { retainGraph: true } to the earlier one to go through it again"
messageOf(() => noGrad(async () => w.mul(2))); // → "noGrad: the body is asynchronous, it would go on after the mode was left; await first, then call noGrad around the synchronous part"
// #endregion gradients

// #region state
messageOf(() =>
  new Linear(2, 3).loadStateDict(new Linear(3, 3).stateDict()),
); // → "loadStateDict: the state does not fit, \"weight\" has shape [3, 3], not [3, 2]; build the model as it was when it was saved, or pass { strict: false } for other names"
messageOf(() => new SGD([w], { lr: -1 })); // → "SGD: lr must be a finite number, at least 0, got -1; call it as new SGD(params, { lr?, momentum?, dampening?, weightDecay?, nesterov?, maximize? })"
messageOf(() => loadSafetensors(new Uint8Array(4))); // → "loadSafetensors: the file ends within the length of its header, 4 of 8 bytes; it is damaged, or not a safetensors file"
// #endregion state

// #region compiled
const step = compile((x: Tensor) => x.mul(x.sum().item()), {
  name: "step",
});
messageOf(() => step(tensor([1, 2]))).split(";")[0]; // → "item: reads elements inside of step, which is recorded: later calls would not read again"
// #endregion compiled
