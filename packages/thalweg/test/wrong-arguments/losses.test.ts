import * as losses from "@thalweg/losses";
import { randn, ShapeError, type Tensor, ThalwegError, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { isRefused, mutations, type Values } from "./mutations";

const [x, y] = [randn([3, 2]), randn([3, 2])];
const [p, q] = [x.sigmoid(), y.sigmoid()];
const signs = tensor([1, -1, 1]);
const classes = tensor([0, 1, 1]);

/** The arguments of each loss. */
const functions: Record<string, Values> = {
  binaryCrossEntropy: [p, q, { weight: q, reduction: "sum" }],
  binaryCrossEntropyWithLogits: [x, q, { weight: q, posWeight: p, reduction: "none" }],
  cosineEmbeddingLoss: [x, y, signs, { margin: 0.5, reduction: "sum" }],
  crossEntropy: [
    x,
    classes,
    { weight: tensor([1, 2]), ignoreIndex: -1, labelSmoothing: 0.1, reduction: "mean" },
  ],
  ctcLoss: [
    randn([5, 2, 3]),
    tensor([
      [1, 2],
      [1, 0],
    ]),
    [5, 4],
    tensor([2, 1]),
    { blank: 0, zeroInfinity: true, reduction: "none" },
  ],
  gaussianNllLoss: [x, y, q, { full: true, eps: 1e-3, reduction: "none" }],
  hingeEmbeddingLoss: [x, y, { margin: 2, reduction: "sum" }],
  huberLoss: [x, y, { delta: 2, reduction: "sum" }],
  klDiv: [x, q, { logTarget: true, reduction: "batchmean" }],
  l1Loss: [x, y, { reduction: "sum" }],
  marginRankingLoss: [x, y, p, { margin: 1, reduction: "sum" }],
  multiMarginLoss: [x, classes, { p: 2, margin: 0.5, weight: tensor([1, 2]), reduction: "sum" }],
  multilabelMarginLoss: [x, zeros([3, 2]), { reduction: "none" }],
  multilabelSoftMarginLoss: [x, q, { weight: tensor([1, 2]), reduction: "sum" }],
  mseLoss: [x, y, { reduction: "none" }],
  nllLoss: [x.logSoftmax(1), classes, { weight: tensor([1, 2]), ignoreIndex: 3, reduction: "sum" }],
  poissonNllLoss: [x, q, { logInput: false, full: true, eps: 1e-3, reduction: "sum" }],
  smoothL1Loss: [x, y, { beta: 2, reduction: "sum" }],
  softMarginLoss: [x, q, { reduction: "sum" }],
  tripletMarginLoss: [x, y, p, { margin: 2, p: 1, eps: 1e-3, swap: true, reduction: "none" }],
  tripletMarginWithDistanceLoss: [
    x,
    y,
    p,
    {
      distanceFunction: (a: Tensor, b: Tensor) => a.sub(b).norm(-1),
      margin: 2,
      swap: true,
      reduction: "sum",
    },
  ],
};

it("all losses are listed here", () => {
  expect(Object.keys(functions).sort()).toEqual(Object.keys(losses).sort());
});

describe.each(Object.entries(functions))("%s", (name, right) => {
  const loss = Reflect.get(losses, name) as (...values: Values) => Tensor;

  it("accepts valid arguments, and refuses others under its own name", () => {
    expect(loss(...right).shape.length).toBeLessThanOrEqual(2);
    let refused = 0;
    for (const values of mutations(right)) if (isRefused(name, () => loss(...values))) refused++;
    expect(refused).toBeGreaterThan(0);
  });

  it("lists the options when one does not exist, or is passed in place of all", () => {
    const tensors = right.slice(0, -1);
    const options = right.at(-1) as object;
    const known = Object.keys(options).sort();
    const call = (given: unknown) => () => loss(...tensors, given);
    expect(call({ reductions: "sum" })).toThrow(
      `${name}: there is no option "reductions"; did you mean reduction? options: `,
    );
    expect(call("sum")).toThrow(
      `${name}: options must be an object of options, got "sum"; call it as ${name}(`,
    );
    const message = caught(call({ nonsense: 1 })).message;
    expect(message.split("options: ")[1]!.split(", ").sort()).toEqual(known);
  });
});

function caught(call: () => unknown): ThalwegError {
  try {
    call();
  } catch (error) {
    if (error instanceof ThalwegError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("a weight that does not fit", () => {
  const { binaryCrossEntropy, binaryCrossEntropyWithLogits } = losses;

  it.each(Object.entries({ binaryCrossEntropy, binaryCrossEntropyWithLogits }))(
    "is refused by %s",
    (name, loss) => {
      for (const weight of [zeros([3]), zeros([4, 3, 2])]) {
        expect(() => loss(p, q, { weight })).toThrow(ShapeError);
        expect(() => loss(p, q, { weight })).toThrow(
          `${name}: weight does not fit the input, shape [${weight.shape.join(", ")}] and [3, 2]; it must broadcast to the shape of the input`,
        );
      }
      expect(loss(p, q, { weight: zeros([2]) }).item()).toBe(0);
    },
  );

  it("is refused for positive targets", () => {
    const loss = () => losses.binaryCrossEntropyWithLogits(x, q, { posWeight: zeros([3]) });
    expect(loss).toThrow(
      "binaryCrossEntropyWithLogits: posWeight does not fit the input, shape [3] and [3, 2]",
    );
  });

  it("is refused when it is of another type", () => {
    const weight = zeros([2], { dtype: "float64" });
    expect(() => losses.crossEntropy(x, classes, { weight })).toThrow(
      'crossEntropy: the weight differs from the input in type, float64 and float32; convert it with .to("float32")',
    );
  });
});
