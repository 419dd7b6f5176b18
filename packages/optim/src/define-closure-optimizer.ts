import { noGrad } from "@thalweg/autograd";
import { Tensor, ThalwegError, zerosLike } from "@thalweg/tensor";
import { copyOf, describe, named, recorder } from "@thalweg/tensor/internal";
import { type GroupInput, Optimizer, type OptimizerClass, type ParameterState } from "./optimizer";
import type { Options, Widen } from "./options";
import { type Declaration, descriptionOf, type Numbers, searchParts } from "./rule";

/** The loss at the current parameters, and its gradients. */
export interface Evaluation {
  readonly loss: number;
  /** Copies, in the order of the parameters; zeros for one that got no gradient. */
  readonly grads: readonly Tensor[];
}

/** The argument of a {@link ClosureRule}. */
export interface Search {
  /** Parameters that have, or had, a gradient. To be written to in place. */
  readonly params: readonly Tensor[];
  /** State of each of them: numbers, and tensors of its shape, which the rule may change. */
  readonly states: readonly ParameterState[];
  /** The closure's result before anything was moved. */
  readonly start: Evaluation;
  /** Calls the closure again. */
  evaluate(): Evaluation;
}

/** A rule that moves all parameters together and evaluates the loss as often as it needs to. */
export interface ClosureRule<O> extends Declaration<O> {
  /** Numbers that are kept for each parameter, with their initial values; none unless given. */
  readonly numbers?: Numbers;
  /** Names of each parameter's tensors, given its numbers. */
  readonly state: (numbers: Numbers) => Iterable<string>;
  /** One step. Only the closure's operations are recorded in it. */
  search(problem: Search, options: Widen<O>): void;
}

/**
 * Makes an optimizer that evaluates the loss anew while it steps, as line searches do: its `step` needs a
 * closure that clears the gradients, computes the loss, calls `backward` and returns the loss. All
 * parameters belong to one group. Everything else is as in {@link defineOptimizer}.
 *
 * @throws ArgumentError when the rule lacks a part, or a part is of the wrong kind.
 * @example
 * const Halving = defineClosureOptimizer({
 *   name: "halving",
 *   options: { lr: 1 },
 *   state: () => [],
 *   search({ params, start, evaluate }, { lr }) {
 *     for (let size = lr, tried = 0; size > 1e-6; size /= 2) {
 *       params.forEach((param, i) => param.sub_(start.grads[i]!.mul(size - tried)));
 *       if (evaluate().loss < start.loss) return;
 *       tried = size;
 *     }
 *   },
 * });
 * const w = tensor([3], { requiresGrad: true });
 * const optimizer = new Halving([w], { lr: 2 });
 * optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const loss = w.square().sum();
 *   loss.backward();
 *   return loss;
 * });
 * w.item(); // → 0
 */
export function defineClosureOptimizer<const O extends Options>(
  rule: ClosureRule<O>,
): OptimizerClass<Widen<O>> {
  const description = descriptionOf("defineClosureOptimizer", rule, searchParts, () => ({
    state: (_, numbers) => rule.state(numbers),
    initial: () => 0,
    numbers: rule.numbers ?? {},
  }));
  const { title } = description;
  const op = `${title}.step`;
  class Defined extends Optimizer<Widen<O>> {
    static readonly optimizerName = rule.name;
    static readonly defaults = description.options.defaults;
    constructor(params: ConstructorParameters<OptimizerClass<Widen<O>>>[0], options?: Partial<Widen<O>>) {
      super(description, params, options);
    }
    protected override add(called: string, group: GroupInput<Widen<O>>): void {
      if (this.paramGroups.length > 0) {
        throw new ThalwegError(
          called,
          "there is a second group of parameters, all of them move together",
          "give all parameters in one group",
        );
      }
      super.add(called, group);
    }
    /** Refused before the first evaluation where a program is recorded: the values decide how many there are. */
    protected override evaluate<T>(closure: () => T): T {
      recorder?.read(
        op,
        "its closure is evaluated as often as the values call for: compile the closure, and call step outside",
      );
      return super.evaluate(closure);
    }

    protected override advance(first: unknown, closure?: () => unknown): void {
      if (closure === undefined) {
        throw new ThalwegError(
          op,
          "step was called without a closure, the loss has to be computed several times",
          "call step(() => { optimizer.zeroGrad(); const loss = ...; loss.backward(); return loss; })",
        );
      }
      const group = this.paramGroups[0];
      if (group === undefined) return;
      const params = group.params.filter((param) => param.gradient !== null || this.state.has(param));
      if (params.length === 0) return;
      const read = (loss: unknown): Evaluation => ({
        loss: numberOf(op, loss),
        grads: params.map(gradientOf),
      });
      const start = noGrad(() => read(first));
      const states = params.map((param) => this.stateOf(param, group));
      for (const state of states) state.step++;
      const evaluate = () => read(this.evaluate(closure));
      noGrad(() => rule.search({ params, states, start, evaluate }, group));
    }
  }
  Object.defineProperty(Defined, "name", { value: title });
  return Defined;
}

function numberOf(op: string, loss: unknown): number {
  if (typeof loss === "number") return loss;
  if (loss instanceof Tensor) return named(op, () => loss.item());
  throw new ThalwegError(op, `the closure returned ${describe(loss)}`, "return the loss");
}

/** A copy: the closure may write the next gradient over this one. */
function gradientOf(param: Tensor): Tensor {
  return param.gradient === null ? zerosLike(param) : copyOf(param.gradient);
}
