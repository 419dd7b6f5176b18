import { enableGrad, grad } from "@thalweg/autograd";
import {
  allComposites,
  allOps,
  Generator,
  rand,
  randn,
  type Shape,
  type Tensor,
  tensor,
} from "@thalweg/tensor";
import {
  checkArguments,
  formatShape,
  list,
  number,
  optional,
  options as optionsOf,
  required,
  string,
} from "@thalweg/tensor/internal";
import fc from "fast-check";
import { numRuns as runs, subject } from "./arguments";
import type { AsyncLaw } from "./law";
import {
  drawCall,
  emptyCalls,
  expectClose,
  fail,
  gradients,
  leavesOf,
  type OpCall,
  run,
  type Subject,
  seedLike,
  specialCall,
  type Tolerance,
} from "./op-call";

/** Options of {@link backendConformance}. */
export interface ConformanceOptions {
  /** The operations and composites to test; all of them unless given. */
  readonly ops?: readonly Subject[];
  /** Sample calls of each operation; 10 unless given. */
  readonly numRuns?: number;
  /** Tolerances of results and first gradients in float32: 1e-5 and 4e-6 unless given. Second gradients get ten times as much. */
  readonly tolerance?: Tolerance;
}

const float32: Tolerance = { relative: 1e-5, absolute: 4e-6 };

/** Gradients with respect to everything that a call's first gradients depend on: the smooth inputs, and the seed. */
function secondGradients(op: Subject, call: OpCall, inputs: readonly Tensor[]): (Tensor | null)[] {
  const leaves = leavesOf(call, inputs);
  return enableGrad(() => {
    const y = run(op, leaves, call.attrs);
    const seed = seedLike(y);
    seed.requiresGrad = true;
    const targets = call.smooth.map((i) => leaves[i]!);
    const first = grad(y, targets, { gradOutputs: seed, createGraph: true, allowUnused: true as const });
    const known = first.filter((g): g is Tensor => g?.requiresGrad === true);
    if (known.length === 0) return [];
    const total = known.map((g) => g.mul(seedLike(g)).sum()).reduce((a, b) => a.add(b));
    return grad(total, [...targets, seed], { allowUnused: true as const });
  });
}

/** Compares results on the device with float64 on the CPU. */
async function agree(
  call: OpCall,
  device: string,
  compute: (inputs: readonly Tensor[]) => readonly (Tensor | null)[],
  tolerance: Tolerance,
  what: string,
): Promise<void> {
  const expected = compute(call.moved((x) => x.to("float64")));
  const actual = compute(call.moved((x) => x.to(device)));
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i] ?? null, expected[i] ?? null];
    if (a === null || b === null) {
      if (a !== b) fail(call, `${what} ${i} is there on one side only`);
      continue;
    }
    if (a.device !== device) fail(call, `${what} ${i} is on ${a.device}`);
    if (formatShape(a.shape) !== formatShape(b.shape)) {
      fail(call, `${what} ${i} has shape ${formatShape(a.shape)}, the reference ${formatShape(b.shape)}`);
    }
    expectClose(call, await a.data(), b.dataSync(), tolerance, `${what} ${i}`);
  }
}

/** Titles with numbers, for records with the same name. */
function titles(ops: readonly Subject[]): string[] {
  const counts = new Map<string, number>();
  return ops.map(({ name }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

function lawsOf(op: Subject, title: string, device: string, options: ConformanceOptions): AsyncLaw[] {
  const { numRuns = 10, tolerance = float32 } = options;
  const loose = { relative: 10 * tolerance.relative, absolute: 10 * tolerance.absolute };
  const check = (predicate: (call: OpCall) => Promise<void>, runs: number) =>
    fc.assert(
      fc.asyncProperty(fc.gen(), (g) => predicate(drawCall(g, op))),
      { numRuns: runs },
    );
  const forward = (call: OpCall) => (inputs: readonly Tensor[]) => [run(op, inputs, call.attrs)];
  const backward = (call: OpCall) => (inputs: readonly Tensor[]) => gradients(op, call, inputs);
  const twice = (call: OpCall) => (inputs: readonly Tensor[]) => secondGradients(op, call, inputs);
  const hasNone = async (call: OpCall) => {
    const y = run(
      op,
      leavesOf(
        call,
        call.moved((x) => x.to(device)),
      ),
      call.attrs,
    );
    if (y.requiresGrad) fail(call, "the result requires grad, though the operation has no gradient");
  };
  const laws: AsyncLaw[] = [
    {
      name: `${title}, forward`,
      async run() {
        await check((call) => agree(call, device, forward(call), tolerance, "result"), numRuns);
        if (op.kind !== "map") return;
        const call = specialCall(op);
        await agree(call, device, forward(call), tolerance, "with special values, result");
      },
    },
    {
      name: `${title}, backward`,
      async run() {
        if (!op.differentiable) return check(hasNone, 1);
        await check((call) => agree(call, device, backward(call), tolerance, "gradient"), numRuns);
        if (op.kind !== "map") return;
        for (const call of emptyCalls(op)) {
          await agree(call, device, forward(call), tolerance, "of nothing, result");
          await agree(call, device, backward(call), tolerance, "of nothing, gradient");
        }
      },
    },
    {
      name: `${title}, second order`,
      async run() {
        if (!op.differentiable) return check(hasNone, 1);
        const runs = Math.ceil(numRuns / 2);
        await check((call) => agree(call, device, twice(call), loose, "second gradient"), runs);
      },
    },
  ];
  return laws;
}

async function expectBits(device: string, make: (device: string) => Tensor, what: string): Promise<void> {
  const [actual, expected] = [await make(device).data(), make("cpu").dataSync()];
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(actual[i], expected[i])) {
      throw new Error(`${what}: element ${i} is ${actual[i]}, and ${expected[i]} on the CPU`);
    }
  }
}

/** The laws of a device besides operations. */
function deviceLaws(device: string): AsyncLaw[] {
  const seeds = [0, 42, 2 ** 32 + 7, 2 ** 53 - 1];
  const shapes: Shape[] = [[], [1], [7], [3, 5], [2, 33, 16]];
  return [
    {
      name: "tensors keep their bits on the way to the device and back",
      async run() {
        const values = [0, -0, 1.5, Number.NaN, Number.POSITIVE_INFINITY, -1e38, 2 ** -120];
        await expectBits(device, (to) => tensor(values).to(to), "moved");
        await expectBits(device, (to) => tensor(values, { device: to }).flip(0), "read backwards");
        const back = await tensor(values, { device }).toAsync("cpu");
        await expectBits("cpu", (to) => (to === "cpu" ? back : tensor(values)), "moved back");
      },
    },
    {
      name: "random numbers have the CPU's bits",
      async run() {
        for (const seed of seeds) {
          for (const shape of shapes) {
            const draw = (to: string, make: typeof rand) => {
              const generator = new Generator().setState({ seed, position: 2 ** 32 - 3 });
              return make(shape, { generator, device: to });
            };
            await expectBits(device, (to) => draw(to, rand), `rand of ${formatShape(shape)}, seed ${seed}`);
            await expectBits(device, (to) => draw(to, randn), `randn of ${formatShape(shape)}, seed ${seed}`);
          }
        }
      },
    },
  ];
}

const signature = {
  device: string,
  options: optionsOf<ConformanceOptions>({
    ops: list(subject),
    numRuns: runs,
    tolerance: optional(optionsOf<Tolerance>({ relative: required(number), absolute: required(number) })),
  }),
};

/**
 * The requirements on every device, as laws for any test runner, in Node or in a page: for each operation its results,
 * its gradients and those of the gradients agree with the float64 reference on the CPU, over random shapes,
 * broadcasts and layouts, on NaN, infinities and zeros, on scalars and empty tensors; and random numbers have
 * the same bits. The laws are a matrix of operations and orders: an operation that a device lacks fails there.
 *
 * @param device the name under which the backend is registered
 * @example
 * const laws = backendConformance("cpu", { ops: [add.op], numRuns: 3 });
 * laws.map((law) => law.name).slice(0, 3).join("; "); // → "add, forward; add, backward; add, second order"
 * for (const law of laws) await law.run();
 */
export function backendConformance(device: string, options: ConformanceOptions = {}): AsyncLaw[] {
  checkArguments("backendConformance", signature, [device, options]);
  // Opaque records do not compute: moving between devices has laws of its own.
  const ops = (options.ops ?? [...allOps(), ...allComposites()]).filter((op) => op.kind !== "opaque");
  const names = titles(ops);
  return [...ops.flatMap((op, i) => lawsOf(op, names[i]!, device, options)), ...deviceLaws(device)];
}
