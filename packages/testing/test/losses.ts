import * as losses from "@thalweg/losses";
import { type ClassOptions, crossEntropy, nllLoss } from "@thalweg/losses";
import { cat, type Domain, fullLike, type Tensor } from "@thalweg/tensor";
import type { LossInput, LossLawOptions, TestedLoss } from "../src/index";

/** A loss with the arguments of {@link lossLaws}. */
export interface LossCase {
  readonly title: string;
  readonly loss: TestedLoss;
  readonly inputs: readonly LossInput[];
  readonly options: LossLawOptions;
}

const cases: LossCase[] = [];

function add(
  title: string,
  loss: TestedLoss,
  inputs: readonly (LossInput | readonly number[])[],
  options: LossLawOptions = {},
): void {
  const full = inputs.map((input) => ("length" in input ? { shape: input } : input) as LossInput);
  cases.push({ title, loss, inputs: full, options });
}

const shape = [4, 3];
const within = (domain: Domain, more: Partial<LossInput> = {}): LossInput => ({ shape, domain, ...more });
const share: Domain = { min: 0.05, max: 0.95 };
/** Probabilities, which may be 0 and 1. */
const probability = within(share, { extremes: [0, 1] });
const whole = (min: number, max: number): Domain => ({ min, max, whole: true });
const oneDimension = (domain: Domain): LossInput => ({ shape: [4], domain });
/** Shapes that broadcast are refused. */
const refuses = [
  [
    [4, 3],
    [4, 1],
  ],
  [[4, 3], [3]],
  [[4], [4, 1]],
];

add("mseLoss", losses.mseLoss, [shape, shape], { refuses });
add("l1Loss", losses.l1Loss, [shape, shape], { refuses });
add("smoothL1Loss", losses.smoothL1Loss, [shape, shape], { refuses });
add("smoothL1Loss, with beta", losses.smoothL1Loss, [shape, shape], { options: { beta: 0.25 } });
add("huberLoss", losses.huberLoss, [shape, shape], { refuses, options: { delta: 0.5 } });
add("binaryCrossEntropy", losses.binaryCrossEntropy, [probability, probability], { refuses });
add(
  "binaryCrossEntropy, weighted",
  (x: Tensor, y: Tensor, weight: Tensor, options: object) =>
    losses.binaryCrossEntropy(x, y, { ...options, weight }),
  [probability, probability, { shape: [3], batchDim: null }],
  { name: "binaryCrossEntropy", refuses: [[[4, 3], [4, 3], [4]]] },
);
add("binaryCrossEntropyWithLogits", losses.binaryCrossEntropyWithLogits, [shape, probability], { refuses });
add(
  "binaryCrossEntropyWithLogits, weighted",
  (x: Tensor, y: Tensor, weight: Tensor, posWeight: Tensor, options: object) =>
    losses.binaryCrossEntropyWithLogits(x, y, { ...options, weight, posWeight }),
  [shape, probability, { shape: [3], batchDim: null }, { shape: [1], batchDim: null }],
  { name: "binaryCrossEntropyWithLogits", refuses: [[[4, 3], [4, 3], [4], [1]]] },
);
add("klDiv", losses.klDiv, [shape, probability], { refuses });
add("klDiv of logarithms", losses.klDiv, [shape, within({ min: -2, max: 0 }, { extremes: [-1e4, 0] })], {
  options: { logTarget: true },
});
// e¹⁰⁰⁰⁰ is infinite, as it is in PyTorch.
const rate = within({ min: -2, max: 2 }, { extremes: [-1e4, 8] });
const counts = within({ min: 0, max: 5 }, { extremes: [0, 1e4] });
add("poissonNllLoss", losses.poissonNllLoss, [rate, counts], { refuses });
add(
  "poissonNllLoss of rates, in full",
  losses.poissonNllLoss,
  [
    within({ min: 0.5, max: 3 }, { extremes: [1e-3, 1e4] }),
    within({ min: 2, max: 5 }, { extremes: [1e-3, 1e4] }),
  ],
  { options: { logInput: false, full: true } },
);
const variance = within({ min: 0.5, max: 2 }, { extremes: [0, 1e4] });
add("gaussianNllLoss", losses.gaussianNllLoss, [shape, shape, variance], {
  refuses: [
    [
      [4, 3],
      [4, 1],
      [4, 3],
    ],
    [[4, 3], [4, 3], [3]],
  ],
});
add(
  "gaussianNllLoss, one variance a row",
  losses.gaussianNllLoss,
  [shape, shape, { ...variance, shape: [4] }],
  {
    options: { full: true },
  },
);
const sign = whole(0, 1);
/** Targets of 1 and -1, from drawn ones of 0 and 1. */
const signs = (x: Tensor): Tensor => x.mul(2).sub(1);

add(
  "hingeEmbeddingLoss",
  (x: Tensor, target: Tensor, options: object) => losses.hingeEmbeddingLoss(x, signs(target), options),
  [shape, within(sign)],
  { name: "hingeEmbeddingLoss", refuses },
);
add(
  "marginRankingLoss",
  (x1: Tensor, x2: Tensor, target: Tensor, options: object) =>
    losses.marginRankingLoss(x1, x2, signs(target), { margin: 0.3, ...options }),
  [shape, shape, within(sign)],
  {
    name: "marginRankingLoss",
    refuses: [
      [
        [4, 3],
        [4, 1],
        [4, 3],
      ],
      [[4, 3], [4, 3], [4]],
    ],
  },
);
add(
  "cosineEmbeddingLoss",
  (x1: Tensor, x2: Tensor, target: Tensor, options: object) =>
    losses.cosineEmbeddingLoss(x1, x2, signs(target), { margin: 0.1, ...options }),
  [shape, shape, oneDimension(sign)],
  {
    name: "cosineEmbeddingLoss",
    shape: [4],
    refuses: [
      [[4, 3], [4, 1], [4]],
      [
        [4, 3],
        [4, 3],
        [4, 1],
      ],
    ],
  },
);
const three = [shape, shape, shape];
add("tripletMarginLoss", losses.tripletMarginLoss, three, {
  shape: [4],
  refuses: [
    [
      [4, 3],
      [4, 1],
      [4, 3],
    ],
    [[4, 3], [4, 3], [3]],
  ],
});
add("tripletMarginLoss, swapped", losses.tripletMarginLoss, three, {
  shape: [4],
  options: { swap: true, p: 3, margin: 2 },
});

add(
  "softMarginLoss",
  (x: Tensor, target: Tensor, options: object) => losses.softMarginLoss(x, signs(target), options),
  [shape, within(sign)],
  { name: "softMarginLoss", refuses },
);
add("multilabelSoftMarginLoss", losses.multilabelSoftMarginLoss, [shape, probability], {
  shape: [4],
  refuses,
});
add(
  "multilabelSoftMarginLoss, weighted",
  (x: Tensor, y: Tensor, weight: Tensor, options: object) =>
    losses.multilabelSoftMarginLoss(x, y, { ...options, weight }),
  [shape, probability, { shape: [3], batchDim: null }],
  { name: "multilabelSoftMarginLoss", shape: [4], refuses: [[[4, 3], [4, 3], [4]]] },
);
// Labels end before the first number below 0.
add("multilabelMarginLoss", losses.multilabelMarginLoss, [shape, within(whole(-1, 2))], {
  shape: [4],
  refuses,
});
const chebyshev = (a: Tensor, b: Tensor): Tensor => a.sub(b).abs().amax(-1);
add("tripletMarginWithDistanceLoss", losses.tripletMarginWithDistanceLoss, three, {
  shape: [4],
  refuses: [[[4, 3], [4, 3], [3]]],
});
add("tripletMarginWithDistanceLoss, of another distance", losses.tripletMarginWithDistanceLoss, three, {
  shape: [4],
  options: { distanceFunction: chebyshev, swap: true, margin: 2 },
});

/** Six steps of three classes, the first of which is blank, and two labels, all of them of full length. */
const steps: LossInput = { shape: [6, 4, 3], batchDim: 1 };
const labels: LossInput = { shape: [4, 2], domain: whole(1, 2) };
add(
  "ctcLoss",
  (x: Tensor, y: Tensor, options: object) => {
    const batch = x.shape[1]!;
    const [inputs, targets] = [new Array<number>(batch).fill(6), new Array<number>(batch).fill(2)];
    return losses.ctcLoss(x.logSoftmax(-1), y, inputs, targets, options);
  },
  [steps, labels],
  { name: "ctcLoss", shape: [4], divisor: (x: Tensor) => 2 * x.shape[1]! },
);
add(
  "ctcLoss of sequences of different lengths, some impossible",
  (x: Tensor, y: Tensor, inputs: Tensor, targets: Tensor, options: object) =>
    losses.ctcLoss(x.logSoftmax(-1), y, inputs, targets, { ...options, blank: 1, zeroInfinity: true }),
  [
    steps,
    { ...labels, domain: whole(2, 2) },
    oneDimension(whole(0, 6)),
    // The mean divides by the lengths of targets.
    oneDimension(whole(1, 1)),
  ],
  { name: "ctcLoss", shape: [4] },
);

const classes = oneDimension(whole(0, 2));
const refusesClasses = [
  [
    [4, 3],
    [4, 1],
  ],
  [
    [2, 3, 4],
    [2, 3],
  ],
];
add("nllLoss", nllLoss, [shape, classes], { shape: [4], refuses: refusesClasses });
add("multiMarginLoss", losses.multiMarginLoss, [shape, classes], { shape: [4], refuses: refusesClasses });
add(
  "multiMarginLoss, squared and weighted",
  (x: Tensor, y: Tensor, weight: Tensor, options: object) =>
    losses.multiMarginLoss(x, y, { ...options, weight, p: 2, margin: 0.5 }),
  [shape, classes, { shape: [3], domain: { min: 0.5, max: 2 }, batchDim: null }],
  { name: "multiMarginLoss", shape: [4], refuses: [[[4, 3], [4], [2]]] },
);
add("crossEntropy", crossEntropy, [shape, classes], { shape: [4], refuses: refusesClasses });
add("crossEntropy of images", crossEntropy, [[2, 3, 2], { shape: [2, 2], domain: whole(0, 2) }], {
  shape: [2, 2],
  options: { labelSmoothing: 0.2 },
});
add("crossEntropy of probabilities", crossEntropy, [shape, probability], {
  shape: [4],
  options: { labelSmoothing: 0.1 },
});
for (const [name, loss] of Object.entries({ nllLoss, crossEntropy })) {
  const weight: LossInput = { shape: [3], domain: { min: 0.5, max: 2 }, batchDim: null };
  const divisor = (_: Tensor, y: Tensor, weight: Tensor) => weight.indexSelect(0, y).sum().item();
  add(
    `${name}, weighted`,
    (x: Tensor, y: Tensor, weight: Tensor, options: ClassOptions) => loss(x, y, { ...options, weight }),
    [shape, classes, weight],
    { name, shape: [4], divisor, refuses: [[[4, 3], [4], [2]]] },
  );
  add(
    `${name}, weighted and in part ignored`,
    // Every sample is repeated, to be ignored.
    (x: Tensor, y: Tensor, weight: Tensor, options: ClassOptions) => {
      if (x.shape[0] !== y.shape[0]) return loss(x, y, options);
      return loss(cat([x, x], 0), cat([y, fullLike(y, 7)], 0), { ...options, weight, ignoreIndex: 7 });
    },
    [shape, classes, weight],
    { name, shape: [8], divisor },
  );
}

/** Losses of the library, each with the options that change what it computes. */
export const lossCases: readonly LossCase[] = cases;
