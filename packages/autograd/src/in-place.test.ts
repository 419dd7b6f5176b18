import { fc, test } from "@fast-check/vitest";
import { arange, GradientError, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { expectClose, randomLeaf } from "../test/numeric";
import { grad, noGrad, toMermaid } from "./index";

const leaf = (data: number[] | number[][]) => tensor(data, { requiresGrad: true });

describe("writing to a leaf that requires grad", () => {
  it("is refused outside of noGrad, before anything is written", () => {
    const x = leaf([1, 2]);
    const message =
      "the target is a leaf that requires grad, writing to it would lose its value before the gradient is known; " +
      "wrap the write in noGrad(() => ...), or compute a new tensor";
    expect(() => x.add_(1)).toThrow(GradientError);
    expect(() => x.add_(1)).toThrow(`add_: ${message}`);
    expect(() => x.zero_()).toThrow(`zero_: ${message}`);
    expect(x.toArray()).toEqual([1, 2]);
    expect(x.storage.version).toBe(0);
  });

  it("is refused through a view as well", () => {
    const x = leaf([1, 2]);
    expect(() => x.narrow(0, 0, 1).mul_(2)).toThrow(
      "mul_: the target is a view of a leaf that requires grad, writing to it would lose its value",
    );
    const inside = noGrad(() => x.narrow(0, 0, 1));
    expect(() => inside.mul_(2)).toThrow(GradientError);
    expect(x.toArray()).toEqual([1, 2]);
  });

  it("is allowed inside of noGrad, and through detached tensors", () => {
    const x = leaf([1, 2]);
    noGrad(() => x.narrow(0, 0, 1).mul_(5));
    x.detach().narrow(0, 1, 1).mul_(5);
    expect(x.toArray()).toEqual([5, 10]);
    expect(x).toMatchObject({ requiresGrad: true, isLeaf: true });
  });
});

describe("writing to a computed tensor", () => {
  it("becomes part of its history", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    y.add_(1).mul_(tensor([3, 4]));
    y.sum().backward();
    expect(y.toArray()).toEqual([9, 20]);
    expect(x.grad!.toArray()).toEqual([6, 8]);
  });

  it("keeps what the rule of the write itself needs", () => {
    const [x, w] = [leaf([2, 3]), leaf([5, 7])];
    const y = x.mul(1);
    y.mul_(w);
    y.mul_(w);
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([25, 49]);
    expect(w.grad!.toArray()).toEqual([2 * 2 * 5, 2 * 3 * 7]);
  });

  it("squares it when it is multiplied by itself", () => {
    const x = leaf([2, 3]);
    const y = x.mul(1);
    y.mul_(y);
    y.sum().backward();
    expect(x.grad!.toArray()).toEqual([4, 6]);
  });

  it("makes a tensor without grad require it", () => {
    const w = leaf([2, 3]);
    const total = zeros([2]);
    total.add_(w).add_(w.square());
    expect(total).toMatchObject({ requiresGrad: true, isLeaf: false });
    total.sum().backward();
    expect(w.grad!.toArray()).toEqual([5, 7]);
  });

  it("ends its history when everything is overwritten", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    y.copy_(tensor([7, 8]));
    const sum = y.sum().add(x.sum());
    sum.backward();
    expect(x.grad!.toArray()).toEqual([1, 1]);
  });

  it("does not change what was computed from it before", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    const before = y.add(0);
    y.mul_(10);
    before.sum().add(y.sum()).backward();
    expect(x.grad!.toArray()).toEqual([22, 22]);
  });

  it("sums the gradient over the dimensions that the operand was broadcast along", () => {
    const w = leaf([3]);
    const y = zeros([2, 2]);
    y.add_(w);
    y.sum().backward();
    expect(w.grad!.toArray()).toEqual([4]);
  });
});

describe("writing to a view", () => {
  it("changes the history of its base", () => {
    const [x, w] = [leaf([1, 2, 3]), leaf([10])];
    const base = x.mul(2);
    base.narrow(0, 1, 1).mul_(w);
    base.sum().backward();
    expect(base.toArray()).toEqual([2, 40, 6]);
    expect(x.grad!.toArray()).toEqual([2, 20, 2]);
    expect(w.grad!.toArray()).toEqual([4]);
  });

  it("is seen by its sibling, which was made before", () => {
    const [x, w] = [leaf([1, 2, 3]), leaf([10])];
    const base = x.mul(2);
    const sibling = base.narrow(0, 0, 2);
    base.narrow(0, 1, 2).mul_(w);
    sibling.sum().backward();
    expect(x.grad!.toArray()).toEqual([2, 20, 0]);
    expect(w.grad!.toArray()).toEqual([4]);
  });

  it("reaches through views of views, transposed and flipped", () => {
    const x = leaf([
      [1, 2],
      [3, 4],
    ]);
    const base = x.mul(1);
    base.transpose(0, 1).flip(0).select(0, 0).mul_(5);
    base.sum().backward();
    expect(x.grad!.toArray()).toEqual([
      [1, 5],
      [1, 5],
    ]);
  });

  it("makes its base require grad, and the views of that", () => {
    const w = leaf([4]);
    const base = zeros([3]);
    const [first, last] = [base.narrow(0, 0, 1), base.narrow(0, 2, 1)];
    last.add_(w);
    expect([base.requiresGrad, first.requiresGrad, last.requiresGrad]).toEqual([true, true, true]);
    base
      .mul(tensor([1, 2, 3]))
      .sum()
      .backward();
    expect(w.grad!.toArray()).toEqual([3]);
  });

  it("of a tensor that is strided itself is refused by name", () => {
    const strided = tensor([
      [1, 2],
      [3, 4],
    ])
      .transpose(0, 1)
      .detach();
    const w = leaf([1]);
    expect(() => strided.narrow(0, 0, 1).add_(w)).toThrow(
      "add_: the target is a view of a tensor that is itself strided; write to a contiguous tensor, or compute a new one",
    );
    expect(strided.toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });
});

describe("a view whose base was written to", () => {
  it("has the gradient of its present elements", () => {
    const [x, w] = [leaf([1, 2]), leaf([3, 4])];
    const base = x.mul(2);
    const view = base.narrow(0, 1, 1);
    base.mul_(w);
    view.sum().backward();
    expect(view.item()).toBe(16);
    expect(x.grad!.toArray()).toEqual([0, 8]);
    expect(w.grad!.toArray()).toEqual([0, 4]);
  });

  it("requires grad once the base does", () => {
    const x = leaf([1, 2]);
    const base = zeros([2]);
    const view = base.narrow(0, 0, 1);
    base.add_(x);
    expect(view).toMatchObject({ requiresGrad: true, isLeaf: false });
    view.backward();
    expect(x.grad!.toArray()).toEqual([1, 0]);
  });

  it("no longer has a gradient when the base has none", () => {
    const x = leaf([1, 2]);
    const base = x.mul(2);
    const view = base.narrow(0, 0, 1);
    base.zero_();
    const loss = view.sum().add(x.sum());
    loss.backward();
    expect(x.grad!.toArray()).toEqual([1, 1]);
  });

  it("prints and draws its history as it is now", () => {
    const base = zeros([2]);
    const [printed, drawn] = [base.narrow(0, 0, 1), base.narrow(0, 0, 1)];
    base.add_(leaf([1, 2]));
    expect(printed.toString()).toMatch(/^tensor\(\[1\.\], gradFn=</);
    expect(toMermaid(drawn)).toContain("-->");
  });
});

describe("memory shared without history", () => {
  it("gives a leaf its gradient when it is added to what was detached from it", () => {
    const x = leaf([1, 2]);
    const bare = x.detach();
    bare.add_(x);
    bare.sum().backward();
    expect(x.grad!.toArray()).toEqual([1, 1]);
  });

  it("gives no wrong gradient when a view that noGrad made is written to", () => {
    const x = leaf([1, 2]);
    const base = x.mul(2);
    const view = noGrad(() => base.narrow(0, 0, 1));
    let gradient: unknown;
    try {
      view.mul_(10);
      base.sum().backward();
      gradient = x.grad!.toArray();
    } catch (error) {
      // As in PyTorch, which refuses the write.
      expect(error).toBeInstanceOf(GradientError);
      return;
    }
    expect(gradient).toEqual([20, 2]);
  });
});

/** Views of a [3, 3] tensor. */
const looks: Record<string, (x: Tensor) => Tensor> = {
  all: (x) => x,
  "first row": (x) => x.narrow(0, 0, 1),
  "second column": (x) => x.select(1, 1),
  transposed: (x) => x.transpose(0, 1),
  flipped: (x) => x.flip(1),
  flat: (x) => x.reshape([9]),
  "every other, backwards": (x) => x.slice([null, null, -2]),
  "turned corner": (x) => x.narrow(0, 1, 2).narrow(1, 1, 2).transpose(0, 1),
  diagonal: (x) => x.diagonal(),
  "middle of all": (x) => x.reshape([9]).narrow(0, 2, 3),
  "one element": (x) => x.select(0, 2).select(0, 0),
};

const lookNames = Object.keys(looks);

interface Write {
  readonly target: string;
  readonly name: "add_" | "sub_" | "mul_" | "copy_" | "fill_";
  /** A number, the leaf w, or another view of what is written to. */
  readonly operand: number | "w" | string;
}

const write: fc.Arbitrary<Write> = fc.record({
  target: fc.constantFrom(...lookNames),
  name: fc.constantFrom("add_", "sub_", "mul_", "copy_", "fill_"),
  operand: fc.oneof(fc.constantFrom(2, -0.5), fc.constant("w"), fc.constantFrom(...lookNames)),
});

const program = fc.record({
  seed: fc.nat({ max: 1000 }),
  writes: fc.array(write, { minLength: 1, maxLength: 6 }),
  /** Views that are made before the writes and read after them. */
  readers: fc.array(fc.constantFrom(...lookNames), { maxLength: 2 }),
});

/** The positions of a view's elements in a row-major [3, 3]. */
function placesOf(look: string): { index: Tensor; shape: readonly number[] } {
  const shown = looks[look]!(arange(9, { dtype: "float64" }).reshape([3, 3]));
  return { index: shown.reshape([shown.size]), shape: shown.shape };
}

function weigh(x: Tensor, salt: number): Tensor {
  const weights = Array.from({ length: x.size }, (_, i) => 1 + ((i * 7 + salt * 3) % 5));
  return x.mul(tensor(weights, { shape: x.shape, dtype: "float64" })).sum();
}

/** The target's value after a write. */
function written(name: Write["name"], now: Tensor, operand: Tensor | number): Tensor {
  switch (name) {
    case "add_":
      return now.add(operand);
    case "sub_":
      return now.sub(operand);
    case "mul_":
      return now.mul(operand);
    default:
      return now.mul(0).add(operand);
  }
}

type Run = (x: Tensor, w: Tensor, writes: readonly Write[], readers: readonly string[]) => Tensor;

const inPlace: Run = (x, w, writes, readers) => {
  const base = x.mul(1);
  const views = Object.fromEntries(lookNames.map((name) => [name, looks[name]!(base)]));
  const early = readers.map((name) => looks[name]!(base));
  for (const { target, name, operand } of writes) {
    const view = views[target]!;
    const other = typeof operand === "number" ? operand : operand === "w" ? w : views[operand]!;
    if (name === "fill_") view.fill_(typeof operand === "number" ? operand : 3);
    else if (typeof other === "number") name === "copy_" ? view.fill_(other) : view[name](other);
    else if (other === w || other.shape.join() === view.shape.join()) view[name](other);
  }
  return early.reduce((sum, view, i) => sum.add(weigh(view, i)), weigh(base, 5));
};

/** The same with flat tensors that are never written to. */
const functional: Run = (x, w, writes, readers) => {
  let flat = x.mul(1).reshape([9]);
  const look = (name: string) => {
    const { index, shape } = placesOf(name);
    return flat.gather(0, index).reshape(shape);
  };
  for (const { target, name, operand } of writes) {
    const { index, shape } = placesOf(target);
    const now = look(target);
    const other =
      name === "fill_"
        ? typeof operand === "number"
          ? operand
          : 3
        : typeof operand === "number"
          ? operand
          : operand === "w"
            ? w
            : look(operand);
    if (typeof other !== "number" && other !== w && other.shape.join() !== shape.join()) continue;
    const next = written(name, now, other).reshape([index.size]);
    const hit = zeros([9], { dtype: "float64" }).scatterAdd(0, index, index.mul(0).add(1));
    const put = zeros([9], { dtype: "float64" }).scatterAdd(0, index, next);
    flat = flat.mul(hit.neg().add(1)).add(put);
  }
  return readers.reduce((sum, name, i) => sum.add(weigh(look(name), i)), weigh(flat.reshape([3, 3]), 5));
};

describe("a random program of writes", () => {
  test.prop([program], { numRuns: 300 })(
    "has the value and the gradients of the same program without writes",
    ({ seed, writes, readers }) => {
      const gradients = (run: Run) => {
        const [x, w] = [randomLeaf([3, 3], seed), randomLeaf([], seed + 1)];
        const loss = run(x, w, writes, readers).add(x.sum()).add(w.sum());
        const value = loss.item();
        return { value, grads: grad(loss, [x, w]) };
      };
      const [actual, expected] = [gradients(inPlace), gradients(functional)];
      expect(Math.abs(actual.value - expected.value)).toBeLessThanOrEqual(
        1e-9 * (1 + Math.abs(expected.value)),
      );
      actual.grads.forEach((g, i) => {
        expectClose(g, expected.grads[i]!.dataSync(), 1e-9);
      });
    },
  );
});
