import type { Device, FunctionName, Input, OperationName, Problem } from "./contestant";
import { column, encoder, images, language, network, sequences, uniform } from "./inputs";

export type Unit = "steps/s" | "GFLOP/s" | "Gelem/s" | "ns";

/** One case to measure. */
export interface Case {
  readonly name: string;
  readonly problem: Problem;
  readonly inputs: () => readonly Input[];
  readonly unit: Unit;
  /** Number of units in one run: steps, operations, elements. */
  readonly work: number;
  /** Tolerance of results, relative to the largest. */
  readonly tolerance: number;
  /** Sum of the absolute terms of a long sum, some of which add one after another in float32. */
  readonly magnitude?: number;
  /** Multiplications and additions, or bytes read and written, that one run needs at least. */
  readonly needs?: { readonly flops: number } | { readonly bytes: number } | undefined;
}

const lines: Case[] = (["hand", "modules"] as const).map((by) => ({
  name: `demo step, ${by === "hand" ? "by hand" : "Linear + mseLoss + SGD"}`,
  problem: { kind: "line", by, lr: 0.01 },
  inputs: () => [column(1, 2, 3, 4), column(3, 5, 7, 9)],
  unit: "steps/s",
  work: 1,
  tolerance: 1e-5,
}));

function mlp(batch: number, sizes: readonly number[], optimizer: "sgd" | "adam"): Case {
  // Forward, gradient of the weights, gradient of the input; that of the data is not needed.
  const products = sizes.slice(1).map((out, i) => 2 * batch * out * sizes[i]! * (i === 0 ? 2 : 3));
  return {
    name: `MLP ${sizes.join("-")}, batch ${batch}, ${optimizer === "sgd" ? "SGD" : "Adam"}`,
    problem: { kind: "mlp", optimizer, lr: optimizer === "sgd" ? 0.01 : 0.001 },
    inputs: () => network(batch, sizes),
    unit: "steps/s",
    work: 1,
    // Adam divides gradients by their size, which makes rounding errors of small ones visible.
    tolerance: optimizer === "sgd" ? 1e-5 : 1e-3,
    needs: { flops: products.reduce((a, b) => a + b, 0) },
  };
}

/** The same case with `compile`, which has a row of its own. */
function compiled(of: Case): Case {
  return { ...of, name: `${of.name}, compiled`, problem: { ...of.problem, compiled: true } as Problem };
}

const products: Case[] = [128, 512, 1024].flatMap((n) =>
  (
    [
      ["matmul", "A·B"],
      ["matmulNT", "A·Bᵀ"],
      ["matmulTN", "Aᵀ·B"],
    ] as const
  ).map(
    ([operation, formula]): Case => ({
      name: `matmul ${n}, ${formula}`,
      problem: { kind: "operation", operation },
      inputs: () => [uniform([n, n], 3), uniform([n, n], 4)],
      unit: "GFLOP/s",
      work: 2 * n ** 3,
      tolerance: 1e-5,
      needs: { flops: 2 * n ** 3 },
    }),
  ),
);

const side = 1000;
const [square, row] = [[side, side], [side]];

/** Name, operation, shapes of the inputs, millions of elements to read and write. */
const operations: [string, OperationName, number[][], number?][] = [
  ["add", "add", [square, square], 3],
  ["add a row", "addRow", [square, row], 2],
  ["exp", "exp", [square]],
  ["sum", "sum", [square], 1],
  ["sum over dim 0", "sumRows", [square], 1],
  ["sum over dim 1", "sumColumns", [square], 1],
  ["softmax of rows", "softmax", [square]],
  ["relu(a·b + a), call by call", "chain", [square, square], 3],
  ["relu(a·b + a), as one function", "fused", [square, square], 3],
  ["copy transposed", "transpose", [square], 2],
];

/** Terms are uniform in [-1, 1). */
const rounding = (operation: OperationName, terms: number) =>
  operation === "sum" ? { tolerance: 1e-6, magnitude: terms / 2 } : { tolerance: 1e-5 };

const large = operations.map(
  ([name, operation, shapes, arrays]): Case => ({
    name: `${name}, 1000 x 1000`,
    problem: { kind: "operation", operation },
    inputs: () => shapes.map((shape, i) => uniform(shape, 5 + i)),
    unit: "Gelem/s",
    work: side ** 2,
    ...rounding(operation, side ** 2),
    needs: arrays === undefined ? undefined : { bytes: 4 * arrays * side ** 2 },
  }),
);

const tiny = (["add", "addTaped"] as const).map(
  (operation): Case => ({
    name: `add of 4 elements${operation === "add" ? "" : ", taped"}`,
    problem: { kind: "operation", operation },
    inputs: () => [uniform([4], 7), uniform([4], 8)],
    unit: "ns",
    work: 1,
    tolerance: 1e-6,
  }),
);

const networks = [64, 256].flatMap((batch) =>
  (["sgd", "adam"] as const).map((optimizer) =>
    mlp(batch, batch === 64 ? [784, 128, 10] : [784, 512, 512, 10], optimizer),
  ),
);

/** Large enough that no library computes it in JavaScript. */
const issued: Case = {
  name: "add of 1,024 elements, what the script does",
  problem: { kind: "operation", operation: "add", issueOnly: true },
  inputs: () => [uniform([1024], 7), uniform([1024], 8)],
  unit: "ns",
  work: 1,
  tolerance: 1e-6,
};

/** Title, function, shapes of arguments and result, multiplications and additions forward. */
const functions: [string, FunctionName, number[][], number[], number?][] = [
  [
    "conv2d 3 x 3, 32 to 64 channels, 16 x 28 x 28",
    "conv2d",
    [
      [16, 32, 28, 28],
      [64, 32, 3, 3],
    ],
    [16, 64, 28, 28],
    2 * 16 * 64 * 28 ** 2 * 32 * 9,
  ],
  ["layerNorm, 2048 x 512", "layerNorm", [[2048, 512], [512], [512]], [2048, 512]],
  [
    "attention, 32 heads, 256 x 64",
    "attention",
    [
      [32, 256, 64],
      [32, 256, 64],
      [32, 256, 64],
    ],
    [32, 256, 64],
    4 * 32 * 256 ** 2 * 64,
  ],
];

const parts = functions.flatMap(([title, name, shapes, result, flops]) =>
  [false, true].map((backward): Case => {
    const needs = flops === undefined ? undefined : { flops: (backward ? 3 : 1) * flops };
    return {
      name: `${title}${backward ? ", forward and backward" : ""}`,
      problem: { kind: "function", function: name, backward },
      inputs: () => [...shapes, ...(backward ? [result] : [])].map((shape, i) => uniform(shape, 30 + i)),
      unit: "steps/s",
      work: 1,
      tolerance: 1e-5,
      needs,
    };
  }),
);

const cnn: Case = {
  name: "CNN 1-16-32-10, batch 64, 28 x 28, SGD",
  problem: { kind: "cnn", lr: 0.01 },
  inputs: () => images(64, 28, [1, 16, 32]),
  unit: "steps/s",
  work: 1,
  tolerance: 1e-5,
};

/** Multiplications and additions of a linear layer and its gradients; that of the input may not be needed. */
const linear = (rows: number, from: number, to: number, needsInput = true) =>
  2 * rows * from * to * (needsInput ? 3 : 2);

function lstm(batch: number, time: number, features: number, width: number): Case {
  const flops =
    linear(batch * time, features, 4 * width, false) +
    // The first state is zeros.
    linear(batch * (time - 1), width, 4 * width) +
    linear(batch, width, 10);
  return {
    name: `LSTM ${features}-${width}-10, batch ${batch}, ${time} steps, SGD`,
    problem: { kind: "lstm", lr: 1 },
    inputs: () => sequences(batch, time, features, width),
    unit: "steps/s",
    work: 1,
    tolerance: 1e-5,
    needs: { flops },
  };
}

function transformer(batch: number, positions: number, width: number, heads: number, wide: number): Case {
  const rows = batch * positions;
  const flops =
    linear(rows, width, 3 * width, false) +
    // Two products forward, four backward.
    6 * 2 * rows * positions * width +
    linear(rows, width, width) +
    linear(rows, width, wide) +
    linear(rows, wide, width) +
    linear(rows, width, 10);
  return {
    name: `transformer layer ${width}-${wide}, ${heads} heads, batch ${batch}, ${positions} tokens, SGD`,
    problem: { kind: "transformer", heads, lr: 0.1 },
    inputs: () => encoder(batch, positions, width, wide),
    unit: "steps/s",
    work: 1,
    tolerance: 1e-5,
    needs: { flops },
  };
}

function gpt(name: string, layers: number, width: number, positions: number): Case {
  const [batch, heads, vocabulary] = [64, 4, 71];
  const rows = batch * positions;
  const block =
    linear(rows, width, 3 * width) +
    6 * 2 * rows * positions * width +
    linear(rows, width, width) +
    linear(rows, width, 4 * width) +
    linear(rows, 4 * width, width);
  return {
    name: `GPT ${name}: ${layers} layers of ${width}, ${heads} heads, batch ${batch}, ${positions} tokens, Adam`,
    problem: { kind: "gpt", layers, heads, lr: 1e-3 },
    inputs: () => language(vocabulary, batch, positions, layers, width),
    unit: "steps/s",
    work: 1,
    tolerance: 1e-4,
    needs: { flops: layers * block + linear(rows, width, vocabulary) },
  };
}

const sequential = [
  lstm(32, 32, 32, 64),
  transformer(8, 64, 128, 4, 512),
  gpt("tiny", 2, 64, 32),
  gpt("small", 4, 128, 48),
];

const compiledOperations = large
  .filter(({ problem }) => "operation" in problem && /^(add|addRow|softmax|chain)$/.test(problem.operation))
  .map(compiled);

/** The same operations with memory that is warm: that of the result before. */
const givingBack = compiledOperations.map((of) => ({
  ...of,
  name: `${of.name}, result given back`,
  problem: { ...of.problem, givesBack: true } as Problem,
}));

const programs = [lines[1]!, ...networks, cnn, ...sequential].map(compiled);

const million = 1e6;

const adam: Case = {
  name: "Adam step over a million parameters",
  problem: { kind: "adam", lr: 0.001 },
  inputs: () => [uniform([million], 40), uniform([million], 41)],
  unit: "steps/s",
  work: 1,
  tolerance: 1e-5,
  // Four arrays are read and three are written.
  needs: { bytes: 4 * 7 * million },
};

/** The cases to time on each device. */
export const cases: Record<Device, readonly Case[]> = {
  cpu: [
    ...lines,
    ...networks,
    cnn,
    ...sequential,
    ...parts,
    adam,
    ...products,
    ...large,
    ...tiny,
    ...programs,
    ...compiledOperations,
    ...givingBack,
  ],
  webgpu: [
    ...lines,
    ...networks,
    ...[lines[1]!, ...networks].map(compiled),
    ...products.filter(({ name }) => name.startsWith("matmul 512")),
    ...large.filter(({ problem }) => "operation" in problem && /^(add|softmax)$/.test(problem.operation)),
    issued,
  ],
};

/** Cases for the plot of cost against size. */
export const plotted = (
  [
    ["add", "add"],
    ["exp", "exp"],
    ["sum", "sum"],
    ["relu(a·b + a)", "chain"],
  ] as const
).flatMap(([title, operation]) =>
  [10, 30, 100, 300, 1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7].map((size) => ({
    title,
    size,
    definition: {
      name: `${title} of ${size} elements`,
      problem: { kind: "operation", operation },
      inputs: () => [
        uniform([size], 5),
        ...(operation === "add" || operation === "chain" ? [uniform([size], 6)] : []),
      ],
      unit: "Gelem/s",
      work: size,
      ...rounding(operation, size),
    } satisfies Case,
  })),
);
