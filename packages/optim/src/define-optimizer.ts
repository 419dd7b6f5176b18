import { noGrad } from "@thalweg/autograd";
import type { Tensor } from "@thalweg/tensor";
import { fusedUpdate, type Update } from "./fused-update";
import { Optimizer, type OptimizerClass } from "./optimizer";
import { defaultsOf, type Options, type Widen } from "./options";
import { describe, type Numbers, type PointwiseRule, type StateNames, type TensorRule } from "./rule";

/**
 * Makes an optimizer of its update rule. Everything else is taken care of: parameter groups, state, step
 * counts, missing gradients, schedules, saving and resuming.
 *
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
  const description = describe(rule, {
    state: names,
    initial: (rule.initial ?? (() => 0)) as (name: string, options: Widen<O>) => number,
    numbers: rule.numbers ?? {},
  });
  const update = "update" in rule ? fusedUpdate(rule, names) : wholeUpdate(rule);
  const { advance } = rule;
  class Defined extends Optimizer<Widen<O>> {
    static readonly optimizerName = rule.name;
    static readonly defaults = defaultsOf(rule.options);
    constructor(params: ConstructorParameters<OptimizerClass<Widen<O>>>[0], options?: Partial<Widen<O>>) {
      super(description, params, options);
    }
    protected override advance(): void {
      for (const group of this.paramGroups) {
        for (const param of group.params) {
          const { gradient } = param;
          if (gradient === null) continue;
          const state = this.stateOf(param, group);
          const step = ++state.step;
          if (advance !== undefined) state.numbers = { ...advance(state.numbers as N, { ...group, step }) };
          update(param, gradient, state, group);
        }
      }
    }
  }
  Object.defineProperty(Defined, "name", { value: rule.name });
  return Defined;
}

/** What a rule for tensors gives is copied into the tensors that are there. */
function wholeUpdate<O extends Options, S, N extends Numbers>(rule: TensorRule<O, S, N>): Update<Widen<O>> {
  return (param, grad, state, options) => {
    grad.storage.expose();
    noGrad(() => {
      const values = { param, grad, ...state.tensors, ...state.numbers };
      const updated = rule.updateTensor(values as never, { ...options, step: state.step }) as Record<
        string,
        Tensor
      >;
      for (const [name, tensor] of Object.entries({ param, ...state.tensors })) {
        const next = updated[name];
        if (next !== undefined && next !== tensor) tensor.copy_(next);
      }
    });
  };
}
