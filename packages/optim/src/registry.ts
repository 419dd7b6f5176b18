import { ArgumentError, ThalwegError } from "@thalweg/tensor";
import { describe, named, similar } from "@thalweg/tensor/internal";
import { Adadelta, type AdadeltaOptions } from "./adadelta";
import { Adagrad, type AdagradOptions } from "./adagrad";
import { Adam, type AdamOptions, AdamW, type AdamWOptions } from "./adam";
import { Adamax, type AdamaxOptions } from "./adamax";
import { LAMB, type LAMBOptions } from "./lamb";
import { LBFGS, type LBFGSOptions } from "./lbfgs";
import { Lion, type LionOptions } from "./lion";
import { Muon, type MuonOptions } from "./muon";
import { NAdam, type NAdamOptions } from "./nadam";
import { type GroupInput, Optimizer, type OptimizerClass } from "./optimizer";
import type { ParameterInput } from "./parameters";
import { RAdam, type RAdamOptions } from "./radam";
import { RMSprop, type RMSpropOptions } from "./rmsprop";
import { SGD, type SGDOptions } from "./sgd";

/**
 * Names and options of the optimizers that {@link createOptimizer} knows. A plugin adds its own by
 * declaration merging:
 *
 *     declare module "@thalweg/optim" {
 *       interface OptimizerRegistry { signSgd: { lr: number } }
 *     }
 */
export interface OptimizerRegistry {
  adadelta: AdadeltaOptions;
  adagrad: AdagradOptions;
  adam: AdamOptions;
  adamax: AdamaxOptions;
  adamw: AdamWOptions;
  lamb: LAMBOptions;
  lbfgs: LBFGSOptions;
  lion: LionOptions;
  muon: MuonOptions;
  nadam: NAdamOptions;
  radam: RAdamOptions;
  rmsprop: RMSpropOptions;
  sgd: SGDOptions;
}

type AnyClass = OptimizerClass<never>;

let registry: Map<string, AnyClass> | undefined;

/** Filled at the first call: a program that names its optimizer's class does not need the others. */
function classes(): Map<string, AnyClass> {
  registry ??= new Map(
    [Adadelta, Adagrad, Adam, Adamax, AdamW, LAMB, LBFGS, Lion, Muon, NAdam, RAdam, RMSprop, SGD].map(
      (Class) => [Class.optimizerName, Class as unknown as AnyClass],
    ),
  );
  return registry;
}

/**
 * Registers an optimizer under its name.
 *
 * @throws ThalwegError when another class has that name already, or when it is not a class made by
 * {@link defineOptimizer} or {@link defineClosureOptimizer}.
 */
export function registerOptimizer<O>(Class: OptimizerClass<O>): void {
  const { prototype, optimizerName } = (Class ?? {}) as typeof Class & { readonly prototype?: unknown };
  if (!(prototype instanceof Optimizer) || typeof optimizerName !== "string") {
    throw new ArgumentError(
      "registerOptimizer",
      `Class must be an optimizer's class, got ${describe(Class)}`,
      "make it with defineOptimizer",
    );
  }
  const known = classes().get(optimizerName);
  if (known !== undefined && known !== (Class as unknown as AnyClass)) {
    throw new ThalwegError(
      "registerOptimizer",
      `there is another optimizer "${optimizerName}"`,
      "choose another name",
    );
  }
  classes().set(optimizerName, Class as unknown as AnyClass);
}

/** The names that {@link createOptimizer} takes. */
export function optimizerNames(): string[] {
  return [...classes().keys()].sort();
}

/**
 * Makes an optimizer by its name.
 *
 * @throws ArgumentError that lists the registered names when `name` is not one of them, and the optimizer's own errors.
 * @example
 * const w = tensor([1], { requiresGrad: true });
 * createOptimizer("adam", [w], { lr: 0.01 }).paramGroups[0]!.lr; // → 0.01
 */
export function createOptimizer<Name extends keyof OptimizerRegistry>(
  name: Name,
  params: ParameterInput | readonly GroupInput<OptimizerRegistry[Name]>[],
  options?: Partial<OptimizerRegistry[Name]>,
): Optimizer<OptimizerRegistry[Name]> {
  const Class = classes().get(name);
  if (Class === undefined) {
    const meant = typeof name === "string" ? similar(name, optimizerNames()) : undefined;
    throw new ArgumentError(
      "createOptimizer",
      `there is no optimizer ${describe(name)}`,
      `${meant === undefined ? "" : `did you mean ${meant}? `}those registered are ${optimizerNames().join(", ")}`,
    );
  }
  return named(
    "createOptimizer",
    () => new (Class as unknown as OptimizerClass<OptimizerRegistry[Name]>)(params, options),
  );
}
