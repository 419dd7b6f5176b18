import { fc, test } from "@fast-check/vitest";
import { manualSeed, randint, randn, type Tensor, tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import {
  Accuracy,
  AUROC,
  AveragePrecision,
  ConfusionMatrix,
  F1,
  MAE,
  Mean,
  type Metric,
  Perplexity,
  Precision,
  R2,
  Recall,
  RMSE,
} from "./index";

const classes = 4;
type Pair = Metric<[input: Tensor, target: Tensor]>;
type Draw = (rows: number) => [Tensor, Tensor];

const scores: Draw = (rows) => [randn([rows, classes]), randint([rows], classes)];
const numbers: Draw = (rows) => [randn([rows]), randn([rows])];

/** Each metric, and batches for it. */
const metrics: Readonly<Record<string, readonly [make: () => Pair, draw: Draw]>> = {
  Accuracy: [() => new Accuracy(), scores],
  "Accuracy of the first two": [() => new Accuracy({ topK: 2 }), scores],
  Precision: [() => new Precision({ average: "none" }), scores],
  Recall: [() => new Recall({ average: "macro" }), scores],
  F1: [() => new F1({ average: "weighted" }), scores],
  ConfusionMatrix: [() => new ConfusionMatrix(classes), scores],
  AUROC: [() => new AUROC({ average: "none" }), scores],
  AveragePrecision: [() => new AveragePrecision(), scores],
  MAE: [() => new MAE(), numbers],
  RMSE: [() => new RMSE(), numbers],
  R2: [() => new R2(), numbers],
  Perplexity: [() => new Perplexity(), scores],
  Mean: [() => new Mean() as unknown as Pair, (rows) => [randn([rows]), 0.25 as never]],
};

const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 6 });
const seeds = fc.integer({ min: 0, max: 2 ** 20 });

function fed(make: () => Pair, batches: readonly [Tensor, Tensor][]): Pair {
  const metric = make();
  for (const batch of batches) metric.update(...batch);
  return metric;
}

const throughJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe.each(Object.entries(metrics))("%s", (_, [make, draw]) => {
  test.prop([sizes, seeds, fc.nat({ max: 6 })])(
    "is the same to the bit in any order, in parts that are merged, and after JSON",
    (counts, seed, at) => {
      manualSeed(seed);
      const batches = [...counts, 3].map(draw);
      const whole = fed(make, batches).compute();
      expect(fed(make, [...batches].reverse()).compute()).toEqual(whole);
      const [first, rest] = [fed(make, batches.slice(0, at)), fed(make, batches.slice(at))];
      const before = rest.stateDict();
      const merged = make();
      merged.loadStateDict(throughJson(first.stateDict()));
      merged.merge(rest);
      expect(merged.compute()).toEqual(whole);
      expect(rest.stateDict()).toEqual(before);
      first.merge(throughJson(before));
      expect(first.compute()).toEqual(whole);
    },
  );

  it("counts the same asynchronously, and nothing after a reset", async () => {
    manualSeed(1);
    const batch = draw(6);
    const [now, later] = [make(), make()];
    now.update(...batch);
    await later.updateAsync(...batch);
    expect(later.stateDict()).toEqual(now.stateDict());
    later.reset();
    expect(later.stateDict()).toEqual(make().stateDict());
    const { metric } = later.stateDict();
    expect(() => later.compute()).toThrow(
      `${metric}.compute: nothing has been counted; call update with a batch first`,
    );
  });

  it("keeps its counts when it refuses a batch or a state", () => {
    manualSeed(2);
    const metric = fed(make, [draw(5)]);
    const before = metric.stateDict();
    const refused: readonly (() => void)[] = [
      () => metric.update(tensor([1, 2, 3]), tensor([[1], [2]])),
      () => metric.merge({ ...before, metric: "Loss" }),
      () => metric.loadStateDict({ ...before, counts: {} }),
      () => metric.loadStateDict(null as never),
    ];
    for (const call of refused) expect(call).toThrow(`${before.metric}.`);
    expect(metric.stateDict()).toEqual(before);
  });
});

describe("metrics of classes", () => {
  const options = { average: "none" } as const;
  const perClass: readonly (() => Pair)[] = [
    () => new Precision(options),
    () => new Recall(options),
    () => new F1(options),
    () => new AUROC(options),
    () => new AveragePrecision(options),
  ];

  test.prop([seeds, fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 })])(
    "are permuted as classes are",
    (seed, order) => {
      manualSeed(seed);
      const [input, target] = scores(20);
      const moved = input.indexSelect(1, tensor(order));
      const renamed = tensor(Array.from(target.dataSync(), (class_) => order.indexOf(class_)));
      for (const make of perClass) {
        const each = fed(make, [[input, target]]).compute() as number[];
        expect(fed(make, [[moved, renamed]]).compute()).toEqual(order.map((k) => each[k]));
      }
    },
  );

  test.prop([seeds])("are quotients of the confusion matrix", (seed) => {
    manualSeed(seed);
    const batch = scores(15);
    const cells = fed(() => new ConfusionMatrix(classes), [batch]).compute() as number[][];
    const diagonal = cells.map((row, k) => row[k]!);
    const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);
    expect(fed(() => new Accuracy(), [batch]).compute()).toBe(sum(diagonal) / 15);
    expect(fed(() => new Recall({ average: "none" }), [batch]).compute()).toEqual(
      cells.map((row, k) => (sum(row) === 0 ? 0 : diagonal[k]! / sum(row))),
    );
  });

  it("read scores of any rank, ints and bools", () => {
    const image = tensor([[[0.1, 0.9]], [[0.9, 0.1]]])
      .transpose(0, 1)
      .reshape([1, 2, 1, 2]);
    const accuracy = new Accuracy();
    accuracy.update(image, tensor([[[1, 1]]], { dtype: "int32" }));
    expect(accuracy.compute()).toBe(0.5);
    accuracy.update(tensor([0, 3]), tensor(1));
    expect(accuracy.stateDict().counts).toEqual({ correct: 2, total: 3 });
    const recall = new Recall();
    recall.update(tensor([2, 0]).gt(1), tensor([1, 1]).eq(1));
    expect(recall.compute()).toBe(0.5);
    const area = new AUROC({ average: "none" });
    area.update(
      tensor([
        [
          [0.1, 0.9],
          [0.4, 0.2],
        ],
      ]),
      tensor([[1, 0]]),
    );
    expect(area.compute()).toEqual([1, 1]);
  });

  it("leave out targets with the class to ignore", () => {
    const [input, target] = [tensor([1, 9, 0]), tensor([1, -100, 1])];
    const options = { ignoreIndex: -100 };
    const made = [new Accuracy(options), new Precision(options), new ConfusionMatrix(2, options)];
    for (const metric of made) metric.update(input, target);
    expect(made.map((metric) => metric.compute())).toEqual([
      0.5,
      1,
      [
        [0, 0],
        [1, 1],
      ],
    ]);
  });

  it("say which class is missing", () => {
    const area = new AUROC({ average: "none" });
    area.update(
      tensor([
        [0.3, 0.7, 0],
        [0.6, 0.4, 0],
      ]),
      tensor([1, 0]),
    );
    expect(area.compute()).toEqual([1, 1, Number.NaN]);
    const one = new AUROC();
    one.update(tensor([0.3]), tensor([1]));
    expect(one.compute()).toBeNaN();
  });

  it("take NaN for a quotient of nothing, and leave it out of the mean", () => {
    const batch = [tensor([0, 0]), tensor([0, 1])] as const;
    const each = new Precision({ average: "none", zeroDivision: Number.NaN });
    each.update(...batch);
    expect(each.compute()).toEqual([0.5, Number.NaN]);
    const mean = new Precision({ average: "macro", zeroDivision: Number.NaN });
    mean.update(...batch);
    expect(mean.compute()).toBe(0.5);
  });
});

describe("the mean", () => {
  it("is weighted by rows, and exact", () => {
    const mean = new Mean();
    mean.update(1e16, 1);
    mean.update(1, 3);
    mean.update(-1e16, 1);
    expect(mean.compute()).toBe(0.6);
  });

  it("is NaN or infinite where its terms are", () => {
    const mean = new Mean();
    mean.update(Number.POSITIVE_INFINITY, 2);
    expect(mean.compute()).toBe(Number.POSITIVE_INFINITY);
    mean.update(tensor([Number.NaN, 1]));
    expect(mean.compute()).toBeNaN();
  });
});

describe("errors", () => {
  const two = tensor([0, 1]);
  it.each<[string, () => unknown, string]>([
    [
      "shapes that do not fit",
      () => new Accuracy().update(tensor([[1, 2]]), tensor([1, 0, 1])),
      "Accuracy.update: the target does not fit the input, [3] and [1, 2]; " +
        "use scores [batch, classes, ...] and classes [batch, ...], or two tensors of one shape",
    ],
    [
      "probabilities in place of classes",
      () => new Precision().update(tensor([0.75, 0.25]), two),
      "Precision.update: the input holds 0.75, which is no class; " +
        "give a threshold if these are scores of two classes: 0.5 for probabilities, 0 for logits",
    ],
    [
      "a class that is not there",
      () => new ConfusionMatrix(2).update(two, tensor([0, 2])),
      "ConfusionMatrix.update: the target holds 2, and classes go from 0 to 1; " +
        "give ignoreIndex if such targets do not count",
    ],
    [
      "a threshold for scores of several classes",
      () => new F1({ threshold: 0.5 }).update(tensor([[1, 2]]), tensor([1])),
      "F1.update: there is a threshold, and the input has scores of several classes, [1, 2] for [1]; " +
        "leave the threshold out",
    ],
    [
      "a binary result of three classes",
      () => {
        const recall = new Recall();
        recall.update(tensor([2]), tensor([0]));
        recall.compute();
      },
      'Recall.compute: average is "binary", and there is a class 2; pass average: "macro", "micro", "weighted" or "none"',
    ],
    [
      "more guesses than classes",
      () => new Accuracy({ topK: 3 }).update(tensor([[1, 2]]), tensor([1])),
      "Accuracy.update: topK is 3, and there are 2 classes; pass scores [batch, classes, ...] of more",
    ],
    [
      "a score that has no place",
      () => new AUROC().update(tensor([Number.NaN, 1]), two),
      "AUROC.update: a score is NaN; scores have to be finite",
    ],
    [
      "another number of classes",
      () => {
        const area = new AveragePrecision();
        area.update(tensor([0.5, 1]), two);
        area.update(tensor([[0.5, 1]]), tensor([0]));
      },
      "AveragePrecision.update: there are scores of 2 classes, and before of 1; use another metric",
    ],
    [
      "outputs of other shapes",
      () => new MAE().update(two, tensor([[0], [1]])),
      "MAE.update: input and target differ in shape, [2] and [2, 1]; reshape one of them",
    ],
    [
      "other options",
      () => new Accuracy().merge(new Accuracy({ topK: 5 })),
      "Accuracy.merge: topK is 5, and here 1; take the state of a metric that was made in the same way",
    ],
    [
      "a matrix that is too small",
      () => new ConfusionMatrix(1).update(tensor([[1, 2]]), tensor([1])),
      "ConfusionMatrix.update: the input has scores of 2 classes, and the matrix has 1; make the matrix larger",
    ],
    [
      "counts that cannot be",
      () => {
        const state = new Accuracy().stateDict();
        new Accuracy().loadStateDict({ ...state, counts: { correct: 2, total: 1 } });
      },
      "Accuracy.loadStateDict: 2 of 1 are right; take the state of a metric that was made in the same way",
    ],
    [
      "logits without classes",
      () => new Perplexity().update(two, two),
      "Perplexity.update: the input has no scores of classes; pass logits [batch, classes, ...]",
    ],
    [
      "an option that does not exist",
      () => new Accuracy({ topk: 2 } as never),
      'Accuracy: there is no option "topk"; did you mean topK? options: threshold, ignoreIndex, topK',
    ],
    [
      "a negative weight",
      () => new Mean().update(1, -1),
      "Mean.update: weight must be a number from 0 on, got -1",
    ],
  ])("name %s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
