import { ArgumentError, type Shape, ShapeError, Tensor, ThalwegError, tensor } from "@thalweg/tensor";
import {
  callback,
  checkArguments,
  describe,
  finite,
  formatShape,
  kind,
  kinds,
  list,
  options as optionsOf,
  required,
  string,
} from "@thalweg/tensor/internal";
import fc, { type GeneratorValue } from "fast-check";
import { numRuns as runs } from "./arguments";
import { gradcheck } from "./gradcheck";
import type { AsyncLaw } from "./law";
import {
  batchDimOf,
  checkInputs,
  drawInputs,
  drawLayouts,
  expectBits,
  expectNear,
  expectShape,
  gradientsOf,
  inputFields,
  type LawInput,
  leavesAt,
  resized,
  smoothOf,
  withInputs,
} from "./law-inputs";

/** A loss of tensors, whose last argument is an object of options with `reduction` among them. */
export type TestedLoss = (...args: never[]) => Tensor;

/** Shape and numbers of one input of a loss. */
export interface LossInput extends LawInput {
  /**
   * Numbers at which loss and gradient have to be finite; ±1e4 unless given, or the bounds of the domain where there is
   * one.
   */
  readonly extremes?: readonly number[];
}

/** Options of {@link lossLaws}. */
export interface LossLawOptions {
  /** The name of the loss, with which its errors begin; that of the function unless given. */
  readonly name?: string;
  /** Options that it is called with besides the reduction; none unless given. */
  readonly options?: object;
  /** The shape of the losses that are not reduced; that of the first input unless given. */
  readonly shape?: Shape;
  /** What their sum is divided by for the mean; their number unless given. */
  readonly divisor?: (...inputs: never[]) => number;
  /** Shapes of inputs that it has to refuse, besides batches of different sizes; none unless given. */
  readonly refuses?: readonly (readonly Shape[])[];
  /** Sample runs of each property; 5 unless given. */
  readonly numRuns?: number;
}

const lossInput = optionsOf<LossInput>({ ...inputFields, extremes: list(finite) });
const signature = {
  loss: callback,
  inputs: list(lossInput),
  options: optionsOf<LossLawOptions>({
    name: string,
    options: kind("an object of options", (value) => typeof value === "object" && value !== null),
    shape: kinds.shape,
    divisor: callback,
    refuses: list(list(required(kinds.shape))),
    numRuns: runs,
  }),
};

const reductions = ["mean", "sum", "none"] as const;

type Reduction = (typeof reductions)[number];

/** A loss under test. */
class Trial {
  readonly smooth: readonly number[];

  constructor(
    readonly loss: (...args: unknown[]) => Tensor,
    readonly name: string,
    readonly inputs: readonly LossInput[],
    readonly options: LossLawOptions,
  ) {
    this.smooth = smoothOf(inputs);
  }

  run(inputs: readonly Tensor[], reduction?: string): Tensor {
    const options = reduction === undefined ? this.options.options : { ...this.options.options, reduction };
    const y: unknown = this.loss(...inputs, ...(options === undefined ? [] : [options]));
    if (y instanceof Tensor) return y;
    throw new Error(`it returns ${describe(y)}, not a tensor`);
  }

  /** The loss, and its gradients. */
  all(inputs: readonly Tensor[], reduction: Reduction): (Tensor | null)[] {
    const leaves = leavesAt(inputs, this.smooth);
    const y = this.run(leaves, reduction);
    return [
      y,
      ...gradientsOf(
        [y],
        this.smooth.map((i) => leaves[i]!),
      ),
    ];
  }

  async check(
    property: (inputs: Tensor[], g: GeneratorValue) => void,
    inputs: readonly LawInput[] = this.inputs,
    numRuns = this.options.numRuns ?? 5,
  ): Promise<void> {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (g) => {
        const drawn = drawInputs(g, inputs);
        await withInputs(drawn, () => property(drawn, g));
      }),
      { numRuns },
    );
  }

  /** The shape of the losses, with as many samples as the inputs have. */
  shape(change: (samples: number) => number = (samples) => samples): Shape {
    const { shape } = this.options;
    if (shape === undefined) return resized(this.inputs, change)[0]?.shape ?? [];
    return resized([{ shape }], change)[0]!.shape;
  }
}

function agree(trial: Trial): Promise<void> {
  return trial.check((inputs) => {
    const wide = inputs.map((x) => x.to("float64"));
    const [mean, sum, none] = reductions.map((reduction) => trial.run(wide, reduction)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    expectShape(none, trial.shape(), 'with reduction "none", the loss');
    expectShape(sum, [], 'with reduction "sum", the loss');
    expectShape(mean, [], 'with reduction "mean", the loss');
    const total = none.sum();
    const count = trial.options.divisor?.(...(wide as never[])) ?? none.size;
    expectNear([sum], [total], 1e-11, 'with reduction "sum", the loss');
    expectNear([mean], [total.div(count)], 1e-11, 'with reduction "mean", the loss');
    expectBits([trial.run(wide)], [mean], "without a reduction, the loss");
  });
}

/** How it refuses to be called so; throws when it does not. */
function refusal(what: string, run: () => unknown): ThalwegError {
  try {
    run();
  } catch (error) {
    if (error instanceof ThalwegError) return error;
    throw new Error(`of ${what} it throws ${describe(error)}, not an error of the library`, { cause: error });
  }
  throw new Error(`it took ${what}`);
}

/** All but one of the inputs with their own batch: each in turn has a sample more. */
function unequal({ inputs }: Trial): Shape[][] {
  const batched = inputs.filter((input) => batchDimOf(input) !== null);
  if (batched.length < 2) return [];
  const larger = resized(inputs, (samples) => samples + 1);
  return inputs.flatMap((input, k) =>
    batchDimOf(input) === null ? [] : [inputs.map(({ shape }, i) => (i === k ? larger[k]!.shape : shape))],
  );
}

/** It names itself and two of the shapes, and knows no other reduction. */
function refuse(trial: Trial): Promise<void> {
  const { name, inputs, options } = trial;
  return trial.check(
    (_, g) => {
      for (const shapes of [...unequal(trial), ...(options.refuses ?? [])]) {
        const given = drawInputs(
          g,
          inputs.map((input, i) => ({ ...input, shape: shapes[i] ?? input.shape })),
        );
        const texts = given.map(({ shape }) => formatShape(shape));
        const what = `shapes ${texts.join(" and ")}`;
        for (const reduction of reductions) {
          const error = refusal(what, () => trial.run(given, reduction));
          if (!(error instanceof ShapeError))
            throw new Error(`of ${what} it throws no ShapeError, but: ${error.message}`);
          const told = new Set(texts.filter((text) => error.message.includes(text)));
          if (!error.message.startsWith(`${name}: `) || told.size < 2)
            throw new Error(`of ${what} it does not say its name and both sides, but: ${error.message}`);
        }
      }
      const error = refusal("a reduction that there is not", () =>
        trial.run(drawInputs(g, inputs), "average"),
      );
      if (!error.message.startsWith(`${name}: `) || !error.message.includes("average"))
        throw new Error(`of a reduction it does not say its name and the reduction, but: ${error.message}`);
    },
    [],
    1,
  );
}

function differentiate(trial: Trial): Promise<void> {
  const positions = [...trial.smooth];
  return trial.check((inputs) => {
    for (const reduction of reductions) {
      gradcheck((...leaves) => trial.run(leaves, reduction), inputs, {
        inputs: positions,
        allowAllKinks: true,
      });
    }
  });
}

function extremesOf({ domain, extremes }: LossInput): readonly number[] {
  return extremes ?? (domain === undefined ? [1e4, -1e4] : [domain.min, domain.max]);
}

/** Loss and gradients are finite where the inputs are as large as they come, in all combinations of signs. */
function staysFinite(trial: Trial): Promise<void> {
  return trial.check((inputs, g) => {
    const extreme = inputs.map((x, i) => {
      const input = trial.inputs[i]!;
      if (input.domain?.whole === true) return x;
      const values = extremesOf(input);
      const chosen = g(fc.array, fc.constantFrom(...values), { minLength: x.size, maxLength: x.size });
      return tensor(chosen as number[], { shape: x.shape });
    });
    for (const reduction of reductions) {
      trial.all(extreme, reduction).forEach((y, i) => {
        y?.dataSync().forEach((value) => {
          if (Number.isFinite(value)) return;
          const texts = extreme.map((x) => JSON.stringify(x.toArray()));
          throw new Error(
            `${i === 0 ? "the loss" : `gradient ${i - 1}`} is ${value} of ${texts.join(" and ")}`,
          );
        });
      });
    }
  });
}

/** The mean of nothing is NaN, the sum 0, and the gradient has no elements or is 0. */
function takesNothing(trial: Trial): Promise<void> {
  return trial.check(
    (inputs) => {
      for (const reduction of reductions) {
        const [y, ...gradients] = trial.all(inputs, reduction);
        const what = `of no samples, with reduction "${reduction}", the loss`;
        const expected = { mean: [Number.NaN], sum: [0], none: [] }[reduction];
        expectShape(y!, reduction === "none" ? trial.shape(() => 0) : [], what);
        expectBits([y!], [tensor(expected, { shape: y!.shape })], what);
        gradients.forEach((gradient, k) => {
          const input = inputs[trial.smooth[k]!]!;
          if (gradient === null) throw new Error(`${what} has no gradient`);
          expectBits([gradient], [input.detach().mul(0)], `of no samples, gradient ${k}`);
        });
      }
    },
    resized(trial.inputs, () => 0),
    1,
  );
}

/**
 * What every loss has to keep, as properties of drawn inputs: its reductions agree with each other, and the mean is what
 * it computes unless told otherwise; batches of different sizes, other shapes and other reductions are refused by errors that
 * say its name and both sides; its gradient agrees with central differences in float64; loss and gradient are finite at ±1e4; of
 * no samples the mean is NaN and the sum 0; strided inputs give the bits that dense ones give; and it writes to none of its
 * inputs.
 *
 * @param loss called with the inputs and an object of options; a module becomes one by
 * `(input, target, options) => new MyLoss(options).forward(input, target)`, with its name among the options
 * @param inputs what it is called with
 * @throws ArgumentError when the function has no name, or an input has no such `batchDim`
 * @example
 * const laws = lossLaws(mseLoss, [{ shape: [4, 3] }, { shape: [4, 3] }]);
 * for (const law of laws) await law.run();
 * laws.length; // → 7
 */
export function lossLaws(
  loss: TestedLoss,
  inputs: readonly LossInput[],
  options: LossLawOptions = {},
): AsyncLaw[] {
  checkArguments("lossLaws", signature, [loss, inputs, options]);
  checkInputs("lossLaws", inputs);
  const name = options.name ?? loss.name;
  if (name === "")
    throw new ArgumentError("lossLaws", "the loss has no name", "give it one among the options");
  const trial = new Trial(loss as (...args: unknown[]) => Tensor, name, inputs, options);
  const law = (what: string, run: () => Promise<void>): AsyncLaw => ({ name: `${name} ${what}`, run });
  const hasBatch = inputs.some((input) => batchDimOf(input) !== null);
  return [
    law("has reductions that agree", () => agree(trial)),
    law("refuses what does not fit, by name", () => refuse(trial)),
    law("has the gradients that differences show", () => differentiate(trial)),
    law("is finite far out, and so are its gradients", () => staysFinite(trial)),
    ...(hasBatch ? [law("takes a batch of no samples", () => takesNothing(trial))] : []),
    law("gives the same bits for strided and dense inputs", () =>
      trial.check((dense, g) => {
        const ways = drawLayouts(g, inputs);
        const strided = dense.map((x, i) => ways[i]!(x));
        for (const reduction of reductions)
          expectBits(trial.all(strided, reduction), trial.all(dense, reduction), "loss or gradient");
      }),
    ),
    law("writes to none of its inputs", () =>
      trial.check((given) => {
        const before = given.map((x) => x.clone());
        for (const reduction of reductions) trial.all(given, reduction);
        expectBits(given, before, "after a call, input");
      }),
    ),
  ];
}
