import { fc, test } from "@fast-check/vitest";
import { type Expr, GradientError, type Op, pointwise, type Tensor, tensor, zeros } from "@thalweg/tensor";
import { apply } from "@thalweg/tensor/internal";
import { describe, expect, it } from "vitest";
import { checkpoint, defineFunction, enableGrad, grad, isGradEnabled, noGrad } from "./index";

const leaf = (data: number | number[]) => tensor(data, { requiresGrad: true });

/** One step of gradient descent, in the hook. */
function stepping(param: Tensor, lr: number): void {
  noGrad(() => param.sub_(param.grad!.mul(lr)));
  param.grad = null;
}

/** x + y, whose rule returns a gradient for the first alone. */
const half = defineFunction({
  name: "half",
  forward: (x: Tensor, y: Tensor) => x.add(y),
  backward: (g) => [g, null],
});

/** Both its gradients are the same numbers. */
const expSum = pointwise("expSum", (x: Expr, y: Expr) => x.add(y).mul(0.01).exp());

const operations = {
  expSum: (x: Tensor, y: Tensor) => expSum(x, y),
  add: (x: Tensor, y: Tensor) => x.add(y),
  mul: (x: Tensor, y: Tensor) => x.mul(y),
  sub: (x: Tensor, y: Tensor) => y.sub(x),
  tanh: (x: Tensor) => x.tanh(),
  broadcast: (x: Tensor, y: Tensor) => x.mul(y.sum()),
  view: (x: Tensor, y: Tensor) => x.reshape([1, 3]).mul(0.5).add(y).reshape([3]),
  half,
};
type Name = keyof typeof operations;

interface Step {
  readonly name: Name;
  /** Places of the operands, counted from the newest value backwards, cyclically. */
  readonly operands: readonly [number, number];
}

const steps = fc.array(
  fc.record<Step>({
    name: fc.constantFrom(...(Object.keys(operations) as Name[])),
    operands: fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 })),
  }),
  { minLength: 1, maxLength: 14 },
);

/** A graph of four leaves and as many values as there are steps. */
function build(program: readonly Step[]) {
  const leaves = [0, 1, 2, 3].map((i) => leaf([0.3 + i, -0.7 * i, 1.1 - i]));
  const values = [...leaves];
  const users = values.map(() => [] as number[]);
  for (const { name, operands } of program) {
    const [a, b] = operands.map((back) => values.length - 1 - (back % values.length)) as [number, number];
    for (const at of name === "tanh" ? [a] : [a, b]) users[at]!.push(values.length);
    values.push(operations[name](values[a]!, values[b]!));
    users.push([]);
  }
  return { leaves, values, users, loss: values.at(-1)!.sum() };
}

/** Places of the values that the last one was computed from. */
function reachable(users: readonly (readonly number[])[]): Set<number> {
  const found = new Set([users.length - 1]);
  for (let at = users.length - 2; at >= 0; at--)
    if (users[at]!.some((user) => found.has(user))) found.add(at);
  return found;
}

const bits = (x: Tensor | null) => (x === null ? null : [...new Int32Array(x.dataSync().slice().buffer)]);

describe("a leaf in any graph", () => {
  test.prop([steps], { numRuns: 300 })(
    "gets its gradient after its last user, before what is older",
    (program) => {
      const { leaves, values, users, loss } = build(program);
      const events: string[] = [];
      values.forEach((value, at) => {
        value.registerHook(() => void events.push(`gradient ${at}`));
        if (at < leaves.length) {
          value.registerPostAccumulateGradHook((param) => {
            expect(param).toBe(value);
            events.push(`grad ${at}`);
          });
        }
      });
      loss.backward();
      expect(new Set(events).size).toBe(events.length);
      const reached = reachable(users);
      leaves.forEach((x, at) => {
        const [seen, done] = [events.indexOf(`gradient ${at}`), events.indexOf(`grad ${at}`)];
        expect(done >= 0).toBe(x.grad !== null);
        if (done < 0) return;
        expect(seen).toBe(done - 1);
        const through = users[at]!.filter((user) => reached.has(user));
        const oldest = Math.min(...through);
        for (let node = leaves.length; node < values.length; node++) {
          const visit = events.indexOf(`gradient ${node}`);
          if (visit < 0) continue;
          if (through.includes(node)) expect(visit).toBeLessThan(done);
          else if (node < oldest) expect(visit).toBeGreaterThan(done);
        }
      });
    },
  );

  test.prop([steps], { numRuns: 200 })("gets the bits that grad() gives, hook or no hook", (program) => {
    const [plain, hooked] = [build(program), build(program)];
    const wanted = grad(plain.loss, plain.leaves, { retainGraph: true, allowUnused: true }).map(bits);
    plain.loss.backward();
    expect(plain.leaves.map((x) => bits(x.grad))).toEqual(wanted);
    const seen = hooked.leaves.map((): unknown => null);
    hooked.leaves.forEach((x, at) => {
      x.registerPostAccumulateGradHook((param) => {
        seen[at] = bits(param.grad);
        // Values that other leaves still wait for must not share this memory.
        param.grad!.fill_(Number.NaN);
        param.grad = null;
        noGrad(() => param.fill_(Number.NaN));
      });
    });
    hooked.loss.backward();
    expect(seen).toEqual(wanted);
  });
});

describe("a hook after accumulation", () => {
  it("sees the accumulated gradient, after registerHook's changes", () => {
    const x = leaf([1, 2]);
    const seen: unknown[] = [];
    x.registerPostAccumulateGradHook((param) => seen.push(param.grad!.toArray()));
    x.registerHook((g) => g.mul(10));
    x.sum().backward();
    x.mul(2).sum().backward();
    expect(seen).toEqual([
      [10, 10],
      [30, 30],
    ]);
  });

  it("runs before the walk has ended", () => {
    const [first, last] = [leaf([1]), leaf([2])];
    const order: string[] = [];
    const hidden = first.mul(3);
    hidden.registerHook(() => void order.push("hidden"));
    last.registerPostAccumulateGradHook(() => void order.push("last"));
    first.registerPostAccumulateGradHook(() => void order.push("first"));
    hidden.mul(last).sum().backward();
    expect(order).toEqual(["last", "hidden", "first"]);
  });

  it("does not wait for paths that bring no gradient", () => {
    const [x, y] = [leaf([1]), leaf([2])];
    const order: string[] = [];
    const old = x.mul(2);
    old.registerHook(() => void order.push("old"));
    y.registerPostAccumulateGradHook(() => void order.push("y"));
    // The product with y has an edge, but half has no gradient for it.
    half(old.add(y), y.mul(3)).sum().backward();
    expect(order).toEqual(["y", "old"]);
    expect(y.grad!.toArray()).toEqual([1]);
  });

  it("runs once for a parameter that is used twice, shared by views, or is the result itself", () => {
    const [w, v, own] = [leaf([1, 2]), leaf([3, 4]), leaf(5)];
    let calls = 0;
    for (const x of [w, v, own]) x.registerPostAccumulateGradHook(() => void calls++);
    w.mul(w).add(w).sum().backward();
    expect(calls).toBe(1);
    v.narrow(0, 0, 1)
      .mul(v.narrow(0, 1, 1))
      .sum()
      .backward();
    expect(calls).toBe(2);
    expect(v.grad!.toArray()).toEqual([4, 3]);
    own.backward();
    expect(calls).toBe(3);
  });

  it("is not called by grad(), which accumulates nothing", () => {
    const x = leaf([1]);
    let calls = 0;
    x.registerPostAccumulateGradHook(() => void calls++);
    const y = x.square().sum();
    grad(y, x, { createGraph: true });
    expect(calls).toBe(0);
    y.backward();
    expect(calls).toBe(1);
  });

  it("is called once for a checkpoint, as registerHook's are, for leaves and for computed tensors", () => {
    const [x, z] = [leaf([1]), leaf([1])];
    let calls = 0;
    x.registerPostAccumulateGradHook(() => void calls++);
    x.registerHook((g) => g.mul(10));
    checkpoint((y: Tensor) => y.mul(x).mul(3), x)
      .sum()
      .backward();
    expect(calls).toBe(1);
    expect(x.grad!.toArray()).toEqual([60]);
    const middle = z.mul(2);
    middle.registerHook((g) => g.mul(10));
    checkpoint((y: Tensor) => y.mul(3), middle)
      .sum()
      .backward();
    expect(z.grad!.toArray()).toEqual([60]);
  });

  it("runs after those that were registered before it, and is removed alone and at any time", () => {
    const x = leaf([1]);
    const order: string[] = [];
    const removeFirst = x.registerPostAccumulateGradHook(() => {
      order.push("first");
      removeFirst();
    });
    const second = () => void order.push("second");
    const removeSecond = x.registerPostAccumulateGradHook(second);
    x.registerPostAccumulateGradHook(second);
    x.sum().backward();
    expect(order.splice(0)).toEqual(["first", "second", "second"]);
    removeSecond();
    removeSecond();
    x.sum().backward();
    expect(order).toEqual(["second"]);
  });

  it("is refused where nothing is accumulated", () => {
    const refuses = (x: Tensor, hook: unknown, message: string) => {
      const call = () => x.registerPostAccumulateGradHook(hook as () => void);
      expect(call).toThrow(GradientError);
      expect(call).toThrow(message);
    };
    refuses(
      tensor([1]),
      () => {},
      "registerPostAccumulateGradHook: the tensor does not require grad; it will never have a gradient",
    );
    refuses(
      leaf([1]).mul(2),
      () => {},
      "registerPostAccumulateGradHook: the tensor was computed, only leaves accumulate gradients; " +
        "use registerHook to see its gradient, or register the hook at a leaf",
    );
    expect(() => leaf([1]).registerPostAccumulateGradHook(5 as never)).toThrow(
      "registerPostAccumulateGradHook: hook must be a function, got 5",
    );
  });
});

describe("a step in the hook", () => {
  const forward = (x: Tensor, a: Tensor, b: Tensor) =>
    x
      .mul(a)
      .tanh()
      .mul(b)
      .add(a.reshape([2]))
      .square()
      .sum();

  it("has the same result as a step after the walk", () => {
    const x = tensor([0.5, -2]);
    const [a, b, c, d] = [leaf([1, 2]), leaf([3, 4]), leaf([1, 2]), leaf([3, 4])];
    for (const param of [c, d]) param.registerPostAccumulateGradHook((p) => stepping(p, 0.1));
    for (let i = 0; i < 3; i++) {
      forward(x, a, b).backward();
      for (const param of [a, b]) stepping(param, 0.1);
      forward(x, c, d).backward();
      expect([c.grad, d.grad]).toEqual([null, null]);
      expect([bits(c), bits(d)]).toEqual([bits(a), bits(b)]);
    }
  });

  it("makes a retained graph stale where it saved the parameter", () => {
    const [x, w] = [leaf([2]), leaf([3])];
    w.registerPostAccumulateGradHook((p) => stepping(p, 1));
    const loss = x.mul(w).sum();
    loss.backward(undefined, { retainGraph: true });
    expect([w.item(), x.grad!.item()]).toEqual([1, 3]);
    expect(() => loss.backward()).toThrow(
      "a tensor that mul had saved for its gradient was modified in place",
    );
    expect([w.item(), w.grad, x.grad!.item()]).toEqual([1, null, 3]);
  });

  it("may leave the parameter alone and walk a retained graph again", () => {
    const w = leaf([3]);
    const seen: number[] = [];
    w.registerPostAccumulateGradHook((p) => {
      seen.push(p.grad!.item());
      p.grad = null;
    });
    const loss = w.square().sum();
    loss.backward(undefined, { retainGraph: true });
    loss.backward();
    expect(seen).toEqual([6, 6]);
    expect(w.grad).toBeNull();
  });

  it("is given a gradient with a history by createGraph", () => {
    const w = leaf([3]);
    const second: number[] = [];
    const remove = w.registerPostAccumulateGradHook((p) => {
      expect(isGradEnabled()).toBe(true);
      remove();
      const first = p.grad!;
      p.grad = null;
      second.push(grad(first.sum(), p, { retainGraph: true }).item());
    });
    w.pow(3).sum().backward(undefined, { createGraph: true });
    expect(second).toEqual([18]);
    expect(w.grad).toBeNull();
  });
});

it("a leaf has a gradient of its own even when its rule gives the same tensor to others afterwards", () => {
  const sumOf: Op<void> = {
    name: "sumOf",
    kind: "map",
    differentiable: true,
    shape: ([shape]) => shape!,
    forward: ([x, y]) => (x as Tensor).add(y as Tensor),
    saves: () => 0,
    gradient({ grad }) {
      const both = grad.mul(1);
      return [both, both];
    },
  };
  const [x, y] = [leaf([1, 2]), leaf([3, 4])];
  x.registerPostAccumulateGradHook((param) => param.grad!.fill_(0));
  apply(sumOf, [x, y.mul(5)], undefined)
    .sum()
    .backward();
  expect(y.grad!.toArray()).toEqual([5, 5]);
});

describe("a walk inside of the hook", () => {
  it("goes over a graph of its own, and over leaves that the outer one has met", () => {
    const [x, y] = [leaf([2]), leaf([5])];
    const remove = y.registerPostAccumulateGradHook(() => {
      remove();
      enableGrad(() => x.mul(10).add(y.mul(100)).sum()).backward();
    });
    // y arrives first, while x waits for two parts more.
    x.mul(3).mul(x).mul(y).sum().backward();
    expect(x.grad!.toArray()).toEqual([2 * 3 * 2 * 5 + 10]);
    expect(y.grad!.toArray()).toEqual([12 + 100]);
  });

  it("finds each leaf's count as it was, and calls each hook once for each walk", () => {
    const leaves = [leaf([1]), leaf([2]), leaf([3])] as [Tensor, Tensor, Tensor];
    const calls: number[] = [];
    const loss = () => {
      const start = leaves[0].mul(1);
      start.registerHook(() => void calls.push(-1));
      return leaves.reduce((sum, x) => sum.mul(x).add(x), start).sum();
    };
    let depth = 0;
    leaves.forEach((x, i) => {
      x.registerPostAccumulateGradHook(() => {
        calls.push(i);
        if (depth++ === 0) enableGrad(loss).backward();
      });
    });
    loss().backward();
    expect(calls).toEqual([2, 2, 1, -1, 0, 1, -1, 0]);
    // Twice the gradient of ((x² + x)y + y)z + z.
    expect(leaves.map((x) => x.grad!.item())).toEqual([2 * 18, 2 * 9, 2 * 7]);
  });
});

describe("an error", () => {
  it("of a hook leaves the graph and other leaves ready for the next walk", () => {
    const [x, y] = [leaf([2]), leaf([5])];
    let fail = true;
    y.registerPostAccumulateGradHook(() => {
      if (fail) throw new Error("not now");
    });
    const loss = x.mul(3).mul(y).sum();
    expect(() => loss.backward(undefined, { retainGraph: true })).toThrow("not now");
    // The gradient of y was there before its hook; that of x would have come later.
    expect([y.grad!.item(), x.grad]).toEqual([6, null]);
    fail = false;
    loss.backward();
    expect([y.grad!.item(), x.grad!.item()]).toEqual([12, 15]);
  });

  it("that is known before the walk is thrown before any leaf gets a gradient", () => {
    const [x, w, b] = [leaf([2]), leaf([3]), leaf([1])];
    let calls = 0;
    b.registerPostAccumulateGradHook(() => void calls++);
    const freed = x.mul(w).add(b).sum();
    freed.backward();
    expect(() => freed.backward()).toThrow("the graph was already freed, at mul");
    const stale = x.mul(w).add(b).sum();
    noGrad(() => w.add_(1));
    expect(() => stale.backward()).toThrow("a tensor that mul had saved for its gradient was modified");
    expect([b, w, x].map((leaf) => leaf.grad!.item())).toEqual([1, 2, 3]);
    expect(calls).toBe(1);
  });
});

it("gradients that are cleared in the hook are gone before the next one is there", () => {
  const [depth, size] = [50, 4096];
  const params = Array.from({ length: depth }, () => zeros([size], { requiresGrad: true }));
  const gone = /was used after its memory was freed/;
  const peak = (clears: boolean) => {
    const made: Tensor[] = [];
    let most = 0;
    const removals = params.map((param) =>
      param.registerPostAccumulateGradHook(() => {
        made.push(param.gradient!);
        if (clears) param.grad = null;
        most = Math.max(most, made.filter((grad) => !isGone(grad)).length);
      }),
    );
    let y = zeros([size]);
    for (const param of params) y = y.add(param).tanh();
    y.sum().backward();
    for (const remove of removals) remove();
    for (const param of params) param.grad = null;
    return most;
  };
  const isGone = (x: Tensor) => {
    try {
      x.dataSync();
      return false;
    } catch (error) {
      expect(String(error)).toMatch(gone);
      return true;
    }
  };
  expect(peak(false)).toBe(depth);
  expect(peak(true)).toBeLessThanOrEqual(1);
});
