import { expect, it } from "vitest";
import type { OpCase } from "./call";
import { counts, load } from "./fixture";

/** The public functions whose values and gradients are PyTorch's. */
const promised = `
  reshape permute transpose squeeze unsqueeze flatten expand flip narrow select slice split chunk unbind
  diagonal unfold repeat tile roll pad tril triu cat stack where maskedFill
  add sub mul div pow neg abs sign exp expm1 log log1p log2 log10 sqrt rsqrt square reciprocal sin cos tan
  asin acos atan atan2 sinh cosh tanh erf floor ceil round trunc clamp remainder lerp maximum minimum
  sigmoid relu relu6 leakyRelu elu selu celu gelu silu mish softplus softsign hardtanh hardsigmoid hardswish
  logSigmoid eq ne lt le gt ge logicalAnd logicalOr logicalNot isNaN isFinite
  sum mean prod max min amax amin var std norm logsumexp any all argmax argmin cumsum cumprod sort topk
  softmax logSoftmax matmul dot bmm outer einsum gather scatterAdd indexSelect oneHot embedding
  conv1d conv2d convTranspose2d maxPool1d maxPool2d avgPool1d avgPool2d adaptiveAvgPool2d
  layerNorm rmsNorm batchNorm groupNorm scaledDotProductAttention
  mseLoss l1Loss smoothL1Loss huberLoss crossEntropy nllLoss binaryCrossEntropy binaryCrossEntropyWithLogits
`;

it("has at least one case for every promised op", () => {
  const files = Object.keys(counts).filter((name) => name.startsWith("ops/"));
  const covered = new Set(files.flatMap((file) => load<{ cases: OpCase[] }>(file).cases.map(({ op }) => op)));
  expect(promised.match(/\w+/g)!.filter((op) => !covered.has(op))).toEqual([]);
});

it("counts every fixture file, none of them empty", () => {
  for (const file of Object.keys(counts)) expect(load(file).cases.length).toBeGreaterThan(0);
  expect(Object.keys(counts)).toEqual(
    expect.arrayContaining(["layers", "optimizers", "clipping", "schedulers"]),
  );
});
