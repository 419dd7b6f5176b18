import { noGrad } from "@thalweg/autograd";
import { ArgumentError, Tensor } from "@thalweg/tensor";
import { describe, recorder } from "@thalweg/tensor/internal";
import { fusedUpdate, type Update } from "./fused-update";
import { Optimizer, type OptimizerClass, type ParameterGroup, type ParameterState } from "./optimizer";
import type { Options, Widen } from "./options";
import {
  descriptionOf,
  type Numbers,
  type PointwiseRule,
  type StateNames,
  type TensorRule,
  updateParts,
} from "./rule";

/**
 * Makes an optimizer from its update rule. The rest is taken care of: parameter groups, state, step
 * counts, missing gradients, schedules, saving and resuming.
 *
 * @throws ArgumentError when the rule lacks a part, or a part is of the wrong kind.
 * @example
 * const SignSGD = defineOptimizer({
 *   name: "signSgd",
 *   options: { lr: 0.01 },
 *   state: [],
 *   update: ({ param, grad }, { lr }) => ({ param: param.sub(grad.sign().mul(lr)) }),
 * });
 * const w = tensor([1, -1], { requiresGrad: true });
 * w.square().sum().backward();
 * new SignSGD([w], { lr: 0.5 }).step();
 * w.toArray(); // → [0.5,-0.5]
 */
export function defineOptimizer<
  const O extends Options,
  const S extends StateNames<Widen<O>>,
  N extends Numbers = Numbers,
>(rule: PointwiseRule<O, S, N> | TensorRule<O, S, N>): OptimizerClass<Widen<O>> {
  const names = (options: Widen<O>): readonly string[] =>
    typeof rule.state === "function" ? rule.state(options) : (rule.state as readonly string[]);
  const description = descriptionOf("defineOptimizer", rule, updateParts, () => ({
    state: names,
    initial: (rule.initial ?? (() => 0)) as (name: string, options: Widen<O>) => number,
    numbers: rule.numbers ?? {},
  }));
  const { title } = description;
  const op = `${title}.step`;
  const isPointwise = "update" in rule && rule.update !== undefined;
  if (isPointwise === ("updateTensor" in rule && rule.updateTensor !== undefined)) {
    const problem = `the rule of ${describe(rule.name)} has ${isPointwise ? "both update and" : "neither update nor"} updateTensor`;
    throw new ArgumentError("defineOptimizer", problem, "give one of them");
  }
  const update = isPointwise ? fusedUpdate(op, rule, names) : wholeUpdate(op, rule as TensorRule<O, S, N>);
  const { advance } = rule;
  const count = (state: ParameterState, group: ParameterGroup<Widen<O>>) => {
    const { numbers } = state;
    const step = state.step + 1;
    if (advance !== undefined) {
      state.numbers = counted(op, numbers, advance(numbers as N, { ...group, step }));
    }
    state.step = step;
  };
  class Defined extends Optimizer<Widen<O>> {
    static readonly optimizerName = rule.name;
    static readonly defaults = description.options.defaults;
    constructor(params: ConstructorParameters<OptimizerClass<Widen<O>>>[0], options?: Partial<Widen<O>>) {
      super(description, params, options);
    }
    protected override advance(): void {
      for (let g = 0; g < this.paramGroups.length; g++) {
        const group = this.paramGroups[g]!;
        for (const param of group.params) {
          const { gradient } = param;
          if (gradient === null) continue;
          const state = this.stateOf(param, group);
          const { step, numbers } = state;
          try {
            count(state, group);
            recorder?.counts(this.state, param, () => count(state, group));
            update(param, gradient, state, group, this.checked[g]!.values);
          } catch (error) {
            // A rule that fails writes nothing: the state is as if the step had not been taken.
            if (step === 0) this.state.delete(param);
            Object.assign(state, { step, numbers });
            throw error;
          }
        }
      }
    }
  }
  Object.defineProperty(Defined, "name", { value: title });
  return Defined;
}

/** The numbers that `advance` returned; throws if their names have changed. */
function counted(op: string, before: Numbers, after: Numbers): Record<string, number> {
  const wrong = Object.keys(before).find((name) => typeof after?.[name] !== "number");
  if (wrong === undefined) return { ...after };
  const problem = `advance returned ${describe(after?.[wrong])} as ${wrong}`;
  throw new ArgumentError(op, problem, "return a number for each that the rule keeps");
}

/** Copies the results of a rule for tensors into the existing tensors. */
function wholeUpdate<O extends Options, S, N extends Numbers>(
  op: string,
  rule: TensorRule<O, S, N>,
): Update<Widen<O>> {
  const update = (param: Tensor, grad: Tensor, state: ParameterState, options: Widen<O>) => {
    grad.storage.expose();
    noGrad(() => {
      const values = { param, grad, ...state.tensors, ...state.numbers };
      const updated: unknown = rule.updateTensor(values as never, { ...options, step: state.step });
      const targets = Object.entries({ param, ...state.tensors });
      const next = targets.map(
        ([name]) => (updated as Readonly<Record<string, unknown>> | undefined)?.[name],
      );
      const wrong = next.findIndex((value) => value !== undefined && !(value instanceof Tensor));
      if (wrong >= 0 || typeof updated !== "object" || updated === null) {
        const problem = wrong < 0 ? describe(updated) : `${describe(next[wrong])} as ${targets[wrong]![0]}`;
        throw new ArgumentError(op, `updateTensor returned ${problem}`, "return tensors by their names");
      }
      targets.forEach(([, tensor], i) => {
        if (next[i] !== undefined && next[i] !== tensor) tensor.copy_(next[i] as Tensor);
      });
    });
  };
  return (param, grad, state, options) => {
    const run = (grad: Tensor) => update(param, grad, state, options);
    if (recorder === null) run(grad);
    else recorder.reruns(grad, run, () => [{ ...options, params: [] }, state.numbers, state.step]);
  };
}
