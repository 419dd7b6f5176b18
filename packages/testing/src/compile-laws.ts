import { noGrad } from "@thalweg/autograd";
import { compile } from "@thalweg/compile";
import type { Optimizer, OptimizerClass } from "@thalweg/optim";
import { type Tensor, ThalwegError, tensor } from "@thalweg/tensor";
import { checkArguments, either, options as optionsOf } from "@thalweg/tensor/internal";
import fc from "fast-check";
import { optimizerClass, numRuns as runs, subject } from "./arguments";
import { backwards, compareTwins, exactly, onBothTiers, reversed, type Twin } from "./compile-trial";
import type { Law } from "./law";
import { drawCall, fail, type OpCall, run, type Subject } from "./op-call";
import { type LawOptions, optimizerOptions, startsOf } from "./optimizer-options";

/** Options of {@link compileLaws} of an operation. */
export interface CompileLawOptions {
  /** Sample runs of each property; 10 unless given. */
  readonly numRuns?: number;
}

/** The first call is recorded; later ones, with other numbers among them, have to agree. */
function compare(call: OpCall, f: Twin["call"]): void {
  try {
    compareTwins(() => ({ call: f }), [call.inputs, call.moved(reversed), call.inputs], 1);
  } catch (error) {
    fail(call, (error as Error).message);
  }
}

function operationLaws(op: Subject, numRuns: number): Law[] {
  const check = (computation: (call: OpCall) => Twin["call"]) =>
    fc.assert(
      fc.property(fc.gen(), (g) => {
        const call = drawCall(g, op);
        compare(call, computation(call));
      }),
      { numRuns },
    );
  const forward: Law = {
    name: "gives the same bits when it is compiled",
    run: () =>
      check(
        (call) =>
          (...inputs) =>
            noGrad(() => [run(op, inputs, call.attrs)]),
      ),
  };
  const backward: Law = {
    name: "gives the same bits when it is compiled with its gradient",
    run: () =>
      check(
        (call) =>
          (...inputs) =>
            backwards(inputs, call.smooth, (...leaves) => [run(op, leaves, call.attrs)]),
      ),
  };
  return op.differentiable ? [forward, backward] : [forward];
}

/** Whether an optimizer evaluates the loss itself: it refuses a step without a closure. */
function needsClosure(optimizer: Optimizer<unknown>): boolean {
  try {
    optimizer.step();
    return false;
  } catch {
    return true;
  }
}

/** Steps of the same gradients on copies of the parameters. */
function stepped<O extends object>(
  Class: OptimizerClass<O>,
  options: Partial<O>,
  starts: readonly Tensor[],
  isCompiled: boolean,
): string[] {
  const params = starts.map((x) => tensor(x.dataSync(), { shape: x.shape, requiresGrad: true }));
  const optimizer = new Class(params, options);
  const step = (...grads: Tensor[]) => {
    params.forEach((param, i) => {
      param.grad = grads[i]!.mul(0.5);
    });
    optimizer.step();
  };
  const call = isCompiled ? compile(step) : step;
  const seen: string[] = [];
  for (let i = 0; i < 5; i++) {
    const [group] = optimizer.paramGroups as unknown as { lr?: number }[];
    if (typeof group!.lr === "number") group!.lr *= 0.75;
    call(...noGrad(() => params.map((param, k) => param.detach().sub(0.25 * (k + i)))));
    const states = [...optimizer.state.values()].map(({ step, numbers, tensors }) =>
      [step, JSON.stringify(numbers), ...Object.values(tensors).map(exactly)].join("; "),
    );
    seen.push([...params.map(exactly), ...params.map(({ grad }) => exactly(grad)), ...states].join("\n"));
  }
  return seen;
}

function refusesClosure<O extends object>(Class: OptimizerClass<O>, starts: readonly Tensor[]): void {
  const params = starts.map((x) => tensor(x.dataSync(), { shape: x.shape, requiresGrad: true }));
  const optimizer = new Class(params);
  const before = params.map(exactly).join();
  const step = compile(() => {
    optimizer.step(() => 0);
  });
  try {
    step();
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error;
    if (params.map(exactly).join() === before) return;
    throw new Error("it was refused in a compiled function, and moved its parameters all the same");
  }
  throw new Error("it evaluates the loss itself, and was not refused in a compiled function");
}

function optimizerLawsOf<O extends object>(Class: OptimizerClass<O>, laws: LawOptions<O>): Law[] {
  const { options = {}, shapes, numRuns = 20 } = laws;
  return [
    {
      name: `${Class.optimizerName} takes the same steps when it is compiled`,
      run: () =>
        fc.assert(
          fc.property(startsOf(shapes), (starts) => {
            const probe = new Class(starts.map((x) => x.detach()));
            if (needsClosure(probe as unknown as Optimizer<unknown>)) return refusesClosure(Class, starts);
            onBothTiers((tier) => {
              const [found, expected] = [true, false].map((is) => stepped(Class, options, starts, is));
              found!.forEach((text, i) => {
                if (text === expected![i]) return;
                throw new Error(
                  `with WebAssembly ${tier}, step ${i + 1} of the program:\n${text}\nis not\n${expected![i]}`,
                );
              });
            });
          }),
          { numRuns: Math.ceil(numRuns / 10) },
        ),
    },
  ];
}

const signature = {
  what: either(subject, optimizerClass),
  options: optionsOf<CompileLawOptions & LawOptions<unknown>>({ ...optimizerOptions, numRuns: runs }),
};

/**
 * The requirement on operations, functions made of operations, and optimizers in `compile`: a program gives the bits of
 * the function that it was made of, at its first call and at later ones with other numbers, with gradients, in JavaScript and in
 * WebAssembly. Optimizers keep the same state, and follow a rate that changes; those that evaluate the loss themselves are refused
 * with an error.
 *
 * @param what the record of an operation (`add.op`, say), or the class of an optimizer
 * @param options `numRuns` for operations, 10 unless given; those of {@link optimizerLaws} for optimizers
 * @example
 * for (const law of compileLaws(add.op)) law.run();
 * compileLaws(SGD, { options: { lr: 0.1 } }).length; // → 1
 */
export function compileLaws(what: Subject, options?: CompileLawOptions): Law[];
/** The same of an optimizer. */
export function compileLaws<O extends object>(what: OptimizerClass<O>, options?: LawOptions<O>): Law[];
export function compileLaws(
  what: Subject | OptimizerClass<object>,
  options: CompileLawOptions & LawOptions<object> = {},
): Law[] {
  checkArguments("compileLaws", signature, [what, options]);
  if (typeof what === "function") return optimizerLawsOf(what, options);
  return operationLaws(what, options.numRuns ?? 10);
}
