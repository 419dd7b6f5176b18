import * as optim from "../src/index";

const classes = Object.entries(optim) as unknown as (readonly [string, { readonly prototype?: object }])[];

/** The optimizers that the package exports, by the names of their exports. */
export const optimizers = classes.filter(
  ([, Class]) => "optimizerName" in Object(Class),
) as unknown as (readonly [string, optim.OptimizerClass<object>])[];

/** Their names, in order. */
export const names: readonly string[] = optimizers.map(([, Class]) => Class.optimizerName).sort();

/** The schedulers that the package exports, by the names of their exports. */
export const schedulers = classes.filter(
  ([, Class]) => "getLastLr" in Object(Class?.prototype) && Class !== (optim.LRScheduler as unknown),
);
