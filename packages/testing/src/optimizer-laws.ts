import { noGrad } from "@thalweg/autograd";
import type { Optimizer, OptimizerClass } from "@thalweg/optim";
import { type Shape, Tensor, tensor } from "@thalweg/tensor";
import {
  checkArguments,
  type KernelCall,
  options as optionsOf,
  pushCallLayer,
} from "@thalweg/tensor/internal";
import fc from "fast-check";
import { optimizerClass } from "./arguments";
import { compileLaws } from "./compile-laws";
import type { Law } from "./law";
import { type LawOptions, optimizerOptions, startsOf } from "./optimizer-options";

interface Problem {
  readonly params: Tensor[];
  /** The loss, with gradients written into `grad`: the closure of a step. */
  readonly loss: () => number;
}

/** Σ c·(p - target)², c between 0.5 and 2: convex, with its minimum known. */
function bowl(starts: readonly Tensor[]): Problem {
  const params = starts.map((x) => leafOf(x));
  return {
    params,
    loss() {
      let total = 0;
      params.forEach((param, k) => {
        const away = noGrad(() => param.sub(0.25 * (k + 1)));
        const scale = 0.5 + ((k * 0.7) % 1.5);
        param.grad = away.mul(2 * scale);
        total += away.square().sum().item() * scale;
      });
      return total;
    },
  };
}

function leafOf(x: Tensor): Tensor {
  return tensor(x.dataSync(), { shape: x.shape, requiresGrad: true });
}

function bits(list: readonly Tensor[]): string {
  return list
    .map((x) => Array.from(new Uint32Array(Float32Array.from(x.dataSync()).buffer)).join())
    .join(";");
}

function expectEqual(actual: string, expected: string, what: string): void {
  if (actual !== expected) throw new Error(`${what}:\n  ${actual}\nis not\n  ${expected}`);
}

/** Parameters away from the minimum. */
function away(shapes: readonly Shape[] = [[2], [1, 2], []]): Tensor[] {
  let count = 0;
  return shapes.map((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return tensor(
      Array.from({ length: size }, () => [1.5, -1, 2, -2, -1][count++ % 5]!),
      { shape: [...shape] },
    );
  });
}

const signature = { Class: optimizerClass, laws: optionsOf<LawOptions<unknown>>(optimizerOptions) };

/** What the laws of an optimizer have in common. */
interface Setting<O> {
  readonly Class: OptimizerClass<O>;
  readonly shapes: readonly Shape[] | undefined;
  readonly steps: number;
  readonly zeroIsFixed: boolean;
  readonly make: (params: Tensor[]) => Optimizer<O>;
  readonly advance: (problem: Problem, optimizer: Optimizer<O>, count: number) => void;
  readonly check: (predicate: (starts: [Tensor, ...Tensor[]]) => void) => void;
}

/** It descends, and stays at a minimum. */
function descentLaws<O extends object>({
  Class,
  shapes,
  steps,
  zeroIsFixed,
  make,
  advance,
  check,
}: Setting<O>): Law[] {
  return [
    {
      name: `${Class.optimizerName} descends a convex bowl`,
      run: () => {
        const problem = bowl(away(shapes));
        const optimizer = make(problem.params);
        const before = problem.loss();
        advance(problem, optimizer, steps);
        const after = problem.loss();
        if (!(after < before / 100))
          throw new Error(`the loss went from ${before} to ${after} in ${steps} steps`);
      },
    },
    {
      name: `${Class.optimizerName} stays where the gradient is zero`,
      run: () =>
        check((starts) => {
          if (!zeroIsFixed) return;
          const params = starts.map(leafOf);
          const optimizer = make(params);
          const flat = () => {
            for (const param of params) param.grad = param.detach().mul(0);
            return 0;
          };
          for (let i = 0; i < 3; i++) optimizer.step(flat);
          expectEqual(bits(params), bits(starts), "parameters after steps with zero gradients");
        }),
    },
  ];
}

/** What it does to parameters depends on nothing but their gradients and its state. */
function parameterLaws<O extends object>({ Class, make, advance, check }: Setting<O>): Law[] {
  return [
    {
      name: `${Class.optimizerName} resumes from a saved state bit for bit`,
      run: () =>
        check((starts) => {
          const whole = bowl(starts);
          advance(whole, make(whole.params), 7);
          const first = bowl(starts);
          const saved = make(first.params);
          advance(first, saved, 3);
          const second = bowl(first.params);
          const resumed = make(second.params);
          const { groups, ...state } = saved.stateDict();
          resumed.loadStateDict({ ...state, groups: JSON.parse(JSON.stringify(groups)) });
          advance(second, resumed, 4);
          expectEqual(bits(second.params), bits(whole.params), "parameters after a resumed run");
        }),
    },
    {
      name: `${Class.optimizerName} does not depend on the order of parameters`,
      run: () =>
        check((starts) => {
          const forward = bowl(starts);
          advance(forward, make(forward.params), 4);
          const backward = bowl(starts);
          advance(backward, make([...backward.params].reverse()), 4);
          expectEqual(bits(backward.params), bits(forward.params), "parameters given in reverse");
        }),
    },
    {
      name: `${Class.optimizerName} leaves parameters without a gradient alone`,
      run: () =>
        check((starts) => {
          const problem = bowl(starts);
          const frozen = problem.params[0]!;
          const optimizer = make(problem.params);
          const loss = () => {
            const value = problem.loss();
            frozen.grad = null;
            return value;
          };
          for (let i = 0; i < 3; i++) optimizer.step(loss);
          expectEqual(bits([frozen]), bits([starts[0]]), "a parameter that never had a gradient");
          if (optimizer.state.has(frozen))
            throw new Error("state was made for a parameter that was never updated");
        }),
    },
  ];
}

/** It refuses options that are wrong. */
function optionLaws<O extends object>({ Class, shapes, make }: Setting<O>): Law[] {
  return [
    {
      name: `${Class.optimizerName} checks its options`,
      run: () => {
        const params = away(shapes).map(leafOf);
        const refuses = (bad: object, what: string) => {
          try {
            new Class(params, bad as Partial<O>);
          } catch {
            return;
          }
          throw new Error(`it accepted ${what}`);
        };
        refuses({ noSuchOption: 1 }, "an option that does not exist");
        for (const [name, value] of Object.entries(Class.defaults)) {
          refuses({ [name]: "1" }, `a text as ${name}`);
          if (typeof value === "number") refuses({ [name]: Number.NaN }, `NaN as ${name}`);
        }
        const problem = bowl(away(shapes));
        const optimizer = make(problem.params);
        const before = bits(problem.params);
        for (const name of Object.keys(Class.defaults)) {
          const group = optimizer.paramGroups[0] as unknown as Record<string, unknown>;
          const right = group[name];
          group[name] = "1";
          let refused = false;
          try {
            optimizer.step(problem.loss);
          } catch {
            refused = true;
          }
          if (!refused) throw new Error(`it accepted a text that was assigned to ${name}`);
          expectEqual(bits(problem.params), before, "parameters after a step that was refused");
          group[name] = right;
        }
      },
    },
  ];
}

/** Steps take neither memory nor compilation. */
function costLaws<O extends object>({ Class, shapes, make, advance }: Setting<O>): Law[] {
  return [
    {
      name: `${Class.optimizerName} does not keep adding tensors`,
      run: () => {
        const problem = bowl(away(shapes));
        const optimizer = make(problem.params);
        const count = () =>
          [...optimizer.state.values()].reduce((n, { tensors: kept }) => n + Object.keys(kept).length, 0);
        // A history of steps may fill up first.
        advance(problem, optimizer, 10);
        const before = count();
        advance(problem, optimizer, 20);
        if (count() !== before) throw new Error(`${before} state tensors became ${count()}`);
        for (const param of problem.params) {
          if (!(param instanceof Tensor) || !param.isLeaf) throw new Error("a parameter got a history");
        }
      },
    },
    {
      name: `${Class.optimizerName} compiles nothing in its second step`,
      run: () => {
        const problem = bowl(away(shapes));
        const optimizer = make(problem.params);
        advance(problem, optimizer, 1);
        let compiled = 0;
        const stop = pushCallLayer((call, next) => {
          const before = variantsOf(call);
          next(call);
          compiled += variantsOf(call) - before;
        });
        try {
          advance(problem, optimizer, 1);
        } finally {
          stop();
        }
        if (compiled > 0) throw new Error(`${compiled} kernels were compiled`);
      },
    },
  ];
}

/**
 * The requirements on every optimizer, as properties: it converges on a convex problem, a zero gradient moves
 * nothing, a run resumed from saved state goes on bit for bit, the order of parameters does not matter,
 * parameters without a gradient are not touched, options are checked, also when they are assigned to a group, memory does
 * not grow with the steps, the second step compiles nothing, and compiled steps are the same bit for bit (see
 * {@link compileLaws}). Each other step gets a closure.
 *
 * @example
 * optimizerLaws(SGD, { options: { lr: 0.1 } }).length; // → 9
 */
export function optimizerLaws<O extends object>(Class: OptimizerClass<O>, laws: LawOptions<O> = {}): Law[] {
  checkArguments("optimizerLaws", signature, [Class, laws]);
  const { options = {}, steps = 300, zeroIsFixed = true, shapes, numRuns = 20 } = laws;
  const make: Setting<O>["make"] = (params) => new Class(params, options);
  const advance: Setting<O>["advance"] = ({ loss }, optimizer, count) => {
    for (let i = 0; i < count; i++) optimizer.step(loss);
  };
  const check: Setting<O>["check"] = (predicate) =>
    fc.assert(fc.property(startsOf(shapes), predicate), { numRuns });

  const setting = { Class, shapes, steps, zeroIsFixed, make, advance, check };
  return [
    ...[...descentLaws(setting), ...parameterLaws(setting), ...optionLaws(setting), ...costLaws(setting)],
    ...compileLaws(Class, laws),
  ];
}

/** The number of compiled variants of the program of a call, over all tiers. */
function variantsOf(call: KernelCall): number {
  const program = "program" in call ? call.program : undefined;
  return program?.compiled.reduce((sum, variants) => sum + (variants?.length ?? 0), 0) ?? 0;
}
