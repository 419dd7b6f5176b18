import { ArgumentError, type Shape, ShapeError, type Tensor, ThalwegError, tensor } from "@thalweg/tensor";
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
import fc from "fast-check";
import { numRuns as runs } from "./arguments";
import { backwards, compareTwins, reversed } from "./compile-trial";
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
  inputFields,
  resized,
} from "./law-inputs";
import { type LossInput, type LossLawOptions, LossTrial, reductions, type TestedLoss } from "./loss-trial";

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

function agree(trial: LossTrial): Promise<void> {
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

/** The error of a call; throws if there is none. */
function refusal(what: string, run: () => unknown): ThalwegError {
  try {
    run();
  } catch (error) {
    if (error instanceof ThalwegError) return error;
    throw new Error(`for ${what} it throws ${describe(error)}, not an error of the library`, {
      cause: error,
    });
  }
  throw new Error(`it accepted ${what}`);
}

/** Shapes whose batches differ: each input in turn has one more sample. */
function unequal({ inputs }: LossTrial): Shape[][] {
  const batched = inputs.filter((input) => batchDimOf(input) !== null);
  if (batched.length < 2) return [];
  const larger = resized(inputs, (samples) => samples + 1);
  return inputs.flatMap((input, k) =>
    batchDimOf(input) === null ? [] : [inputs.map(({ shape }, i) => (i === k ? larger[k]!.shape : shape))],
  );
}

/** Its errors contain its name and two of the shapes, and it accepts no other reduction. */
function refuse(trial: LossTrial): Promise<void> {
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
            throw new Error(`for ${what} it throws no ShapeError, but: ${error.message}`);
          const told = new Set(texts.filter((text) => error.message.includes(text)));
          if (!error.message.startsWith(`${name}: `) || told.size < 2)
            throw new Error(`for ${what} it does not say its name and both sides, but: ${error.message}`);
        }
      }
      const error = refusal("an unknown reduction", () => trial.run(drawInputs(g, inputs), "average"));
      if (!error.message.startsWith(`${name}: `) || !error.message.includes("average"))
        throw new Error(`for a reduction it does not say its name and the reduction, but: ${error.message}`);
    },
    [],
    1,
  );
}

function differentiate(trial: LossTrial): Promise<void> {
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

/** Loss and gradients are finite at the extremes of the inputs, in all combinations of signs. */
function staysFinite(trial: LossTrial): Promise<void> {
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

/** The mean of no losses is NaN, the sum 0, and the gradient is empty or 0. */
function takesNothing(trial: LossTrial): Promise<void> {
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

/** A program computes the same, gradients included. */
function compiles(trial: LossTrial): Promise<void> {
  return trial.check(
    (inputs) => {
      for (const reduction of reductions) {
        const call = (...given: Tensor[]) =>
          backwards(given, trial.smooth, (...leaves) => [trial.run(leaves, reduction)]);
        compareTwins(() => ({ call }), [inputs, inputs.map(reversed), inputs], 1);
      }
    },
    trial.inputs,
    Math.ceil((trial.options.numRuns ?? 5) / 3),
  );
}

/**
 * The requirements on every loss, as properties of drawn inputs: its reductions agree with each other, and the mean is the
 * default; batches of different sizes, other shapes and other reductions are refused by errors that contain
 * its name and both sides; its gradient agrees with central differences in float64; loss and gradient are finite at ±1e4; for an
 * empty batch the mean is NaN and the sum 0; strided inputs give the same bits as dense ones, and so does `compile`; and it
 * writes to none of its inputs.
 *
 * @param loss called with the inputs and an object of options; a module becomes one by
 * `(input, target, options) => new MyLoss(options).forward(input, target)`, with its name among the options
 * @param inputs its inputs
 * @throws ArgumentError when the function has no name, or an input has no such `batchDim`
 * @example
 * const laws = lossLaws(mseLoss, [{ shape: [4, 3] }, { shape: [4, 3] }]);
 * for (const law of laws) await law.run();
 * laws.length; // → 8
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
  const trial = new LossTrial(loss as (...args: unknown[]) => Tensor, name, inputs, options);
  const law = (what: string, run: () => Promise<void>): AsyncLaw => ({ name: `${name} ${what}`, run });
  const hasBatch = inputs.some((input) => batchDimOf(input) !== null);
  return [
    law("has reductions that agree", () => agree(trial)),
    law("refuses inputs that do not fit, by name", () => refuse(trial)),
    law("has the gradients of finite differences", () => differentiate(trial)),
    law("is finite at extremes, and so are its gradients", () => staysFinite(trial)),
    ...(hasBatch ? [law("accepts an empty batch", () => takesNothing(trial))] : []),
    law("gives the same bits for strided and dense inputs", () =>
      trial.check((dense, g) => {
        const ways = drawLayouts(g, inputs);
        const strided = dense.map((x, i) => ways[i]!(x));
        for (const reduction of reductions)
          expectBits(trial.all(strided, reduction), trial.all(dense, reduction), "loss or gradient");
      }),
    ),
    law("gives the same bits when it is compiled", () => compiles(trial)),
    law("writes to none of its inputs", () =>
      trial.check((given) => {
        const before = given.map((x) => x.clone());
        for (const reduction of reductions) trial.all(given, reduction);
        expectBits(given, before, "after a call, input");
      }),
    ),
  ];
}
