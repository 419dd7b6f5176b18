import { fullLike, Tensor, ThalwegError, zerosLike } from "@thalweg/tensor";
import { copyOf, describe, formatShape, prepareCopy, sameShape } from "@thalweg/tensor/internal";
import type { Description, Optimizer, ParameterState } from "./optimizer";
import type { OptionValue } from "./options";
import type { Numbers } from "./rule";

/** The saved state of one parameter. */
export interface SavedState {
  readonly shape: readonly number[];
  readonly step: number;
  /** Other numbers that the rule keeps, if any. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** Tensors that the options of its group need. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Tensors that they needed before, and may need again. */
  readonly kept?: Readonly<Record<string, Tensor>>;
}

/** The state from which another optimizer can go on. */
export interface OptimizerStateDict {
  readonly version: 1;
  /** Name of the update rule. */
  readonly optimizer: string;
  readonly groups: readonly {
    /** Names of the parameters, or their positions when they have none. */
    readonly params: readonly string[];
    readonly options: Readonly<Record<string, OptionValue>>;
  }[];
  readonly state: Readonly<Record<string, SavedState>>;
}

/** Names if every parameter has one and no two are equal, otherwise positions. */
function keysOf<O>({ paramGroups, names }: Optimizer<O>): Map<Tensor, string> {
  const params = paramGroups.flatMap((group) => group.params);
  const labels = params.map((param) => names.get(param) ?? param.name);
  const named = labels.every((name) => name !== undefined) && new Set(labels).size === labels.length;
  return new Map(params.map((param, i) => [param, named ? labels[i]! : String(i)]));
}

/** The options among the members of a group, checked. */
function optionsOf<O>(op: string, { description }: Optimizer<O>, group: object): O {
  const { options } = description;
  const problem = options.problem(group);
  if (problem !== undefined) throw new ThalwegError(op, problem, "change one of these options");
  const names = Object.keys(options.defaults as object);
  return structuredClone(
    Object.fromEntries(Object.entries(group).filter(([key]) => names.includes(key))),
  ) as O & object;
}

/** Returns a check of the numbers of each parameter in turn. */
function countsChecker<O>({ numbers, validateNumbers }: Description<O>) {
  let first: Numbers | undefined;
  return (key: string, counts: Numbers): string | undefined => {
    const names = Object.keys(counts);
    if (names.every((name) => counts[name] === numbers[name])) return undefined;
    const infinite = names.find((name) => !Number.isFinite(counts[name]));
    if (infinite !== undefined) return `${infinite} of "${key}" is ${describe(counts[infinite])}`;
    first ??= counts;
    return validateNumbers(counts, first);
  };
}

function savedState<O>(
  { initial, state: names }: Description<O>,
  param: Tensor,
  { step, numbers, tensors }: ParameterState,
  options: O,
  copy: boolean,
): SavedState {
  const rest = new Map(Object.entries(tensors).map(([name, x]) => [name, copy ? copyOf(x) : x]));
  const called = Array.from(names(options, numbers), (name): [string, Tensor] => {
    const tensor = rest.get(name) ?? fullLike(param, initial(name, options));
    rest.delete(name);
    return [name, tensor];
  });
  return {
    shape: [...param.shape],
    step,
    ...(Object.keys(numbers).length === 0 ? {} : { numbers: { ...numbers } }),
    tensors: Object.fromEntries(called),
    ...(rest.size === 0 ? {} : { kept: Object.fromEntries(rest) }),
  };
}

export function stateDict<O>(op: string, optimizer: Optimizer<O>, copy: boolean): OptimizerStateDict {
  const { name, description } = optimizer;
  const keys = keysOf(optimizer);
  const check = countsChecker(description);
  const states: [string, SavedState][] = [];
  const groups = optimizer.paramGroups.map((group) => {
    const options = optionsOf(op, optimizer, group);
    for (const param of group.params) {
      const state = optimizer.state.get(param);
      if (state === undefined) continue;
      const key = keys.get(param)!;
      const problem = check(key, state.numbers);
      if (problem !== undefined) throw new ThalwegError(op, problem, "this state could not be loaded");
      states.push([key, savedState(description, param, state, options, copy)]);
    }
    const params = group.params.map((param) => keys.get(param)!);
    return { params, options: options as Readonly<Record<string, OptionValue>> };
  });
  return { version: 1, optimizer: name, groups, state: Object.fromEntries(states) };
}

const remedy = "build the optimizer as it was when it was saved";

/** The members of an object; none for other values. */
const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];
const fieldsOf = (value: unknown): Record<string, unknown> => Object.fromEntries(entriesOf(value));
const shapeOf = (value: unknown) =>
  Array.isArray(value) ? `[${value.map(describe).join(", ")}]` : describe(value);

/** Builds groups and states from a saved state, and collects its errors. */
class Reader<O> {
  readonly problems: string[] = [];
  private readonly check: ReturnType<typeof countsChecker>;
  private readonly description: Description<O>;

  constructor(description: Description<O>) {
    this.description = description;
    this.check = countsChecker(description);
  }

  /** The saved options of a group, completed with defaults; null if they are wrong. */
  options(given: unknown): O | null {
    const { options: rules } = this.description;
    const problem = (text: string) => {
      this.problems.push(text);
      return null;
    };
    if (typeof given !== "object" || given === null) return problem(`the options are ${describe(given)}`);
    const known = rules.defaults as object;
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
    if (unknown !== undefined) return problem(`there is no option ${describe(unknown)}`);
    const options = { ...rules.defaults, ...given };
    const wrong = rules.problem(options as object);
    return wrong === undefined ? structuredClone(options) : problem(wrong);
  }

  /** A state whose tensors are still the saved ones. */
  state(key: string, param: Tensor, found: unknown, options: O | null): ParameterState {
    const { problems } = this;
    const { shape, step, numbers, tensors, kept } = fieldsOf(found);
    if (!Number.isSafeInteger(step) || (step as number) < 0) {
      problems.push(`the step count of "${key}" is ${describe(step)}`);
    }
    if (!Array.isArray(shape) || !sameShape(shape, param.shape)) {
      problems.push(`it of "${key}" has shape ${shapeOf(shape)}, not ${formatShape(param.shape)}`);
    }
    for (const [name, x] of [...entriesOf(tensors), ...entriesOf(kept)]) {
      if (!(x instanceof Tensor)) problems.push(`${name} of "${key}" is ${describe(x)}, not a tensor`);
      else if (!sameShape(x.shape, param.shape)) {
        problems.push(
          `${name} of "${key}" has shape ${formatShape(x.shape)}, not ${formatShape(param.shape)}`,
        );
      }
    }
    const state = {
      step: step as number,
      numbers: fieldsOf(numbers) as ParameterState["numbers"],
      tensors: { ...fieldsOf(kept), ...fieldsOf(tensors) } as ParameterState["tensors"],
    };
    if (options !== null) this.checkNames(key, state, Object.keys(fieldsOf(tensors)), options);
    return state;
  }

  /** Checks that the rule's numbers are present, and the tensors that the options need. */
  private checkNames(key: string, { numbers }: ParameterState, tensors: string[], options: O): void {
    const { problems, description } = this;
    const counts = { ...description.numbers, ...numbers };
    const problem = this.check(key, counts);
    if (problem !== undefined) {
      problems.push(problem);
      return;
    }
    const expected = Object.keys(description.numbers);
    // The numbers come from a file: only as many names are made as are needed to see that some are missing.
    const most = expected.length + tensors.length + 1;
    for (const name of description.state(options, counts)) {
      if (expected.push(name) === most) break;
    }
    const [is, should] = [[...Object.keys(numbers), ...tensors], expected].map((list) =>
      list.sort().join(", "),
    );
    if (is !== should) problems.push(`the state of "${key}" is [${is}], not [${should}]`);
  }
}

/** The differences in the names and numbers of groups and parameters. */
function namesThatDiffer(
  saved: readonly (readonly unknown[])[],
  states: Iterable<unknown>,
  params: ReadonlyMap<unknown, Tensor>,
): string[] {
  const known = new Set<unknown>();
  const twice = new Set<unknown>();
  for (const group of saved) {
    for (const key of group) (known.has(key) ? twice : known).add(key);
  }
  return [
    ...Array.from(twice, (key) => `parameter ${describe(key)} is named twice`),
    ...[...params.keys()].filter((key) => !known.has(key)).map((key) => `parameter "${key}" is missing`),
    ...[...new Set([...known, ...states])]
      .filter((key) => !params.has(key))
      .map((key) => `there is no parameter ${describe(key)}`),
  ];
}

/** Checks a saved state; returns a function that loads it and cannot fail. */
export function prepareLoad<O>(op: string, optimizer: Optimizer<O>, saved: OptimizerStateDict): () => void {
  const { paramGroups, name, description } = optimizer;
  const params = new Map<unknown, Tensor>(Array.from(keysOf(optimizer), ([param, key]) => [key, param]));
  const { version, optimizer: by, groups, state } = fieldsOf(saved);
  const reader = new Reader(description);
  const { problems } = reader;
  if (version !== 1) problems.push(`version ${describe(version)} is not 1`);
  if (by !== name) problems.push(`it was saved by ${describe(by)}`);
  const found = Array.isArray(groups) ? groups.map(fieldsOf) : [];
  if (found.length !== paramGroups.length) {
    problems.push(`it has ${found.length} parameter groups, not ${paramGroups.length}`);
  }
  const names = found.map(({ params: list }): unknown[] => (Array.isArray(list) ? list : []));
  const states = new Map<unknown, unknown>(entriesOf(state));
  for (const problem of namesThatDiffer(names, states.keys(), params)) problems.push(problem);
  const loaded = new Map<Tensor, ParameterState>();
  const next = found.map(({ options: given }, i) => {
    const options = reader.options(given);
    const own = names[i]!.flatMap((key) => params.get(key) ?? []);
    for (const key of names[i]!) {
      const param = params.get(key);
      if (param === undefined || !states.has(key)) continue;
      loaded.set(param, reader.state(key as string, param, states.get(key), options));
    }
    return { ...options, params: own };
  });
  if (problems.length > 0) {
    throw new ThalwegError(op, `the saved state does not fit, ${problems.join(", ")}`, remedy);
  }
  for (const [param, { tensors }] of loaded) {
    for (const [key, tensor] of Object.entries(tensors)) {
      tensors[key] = zerosLike(param);
      prepareCopy(op, tensors[key], tensor)();
    }
  }
  return () => {
    next.forEach((group, i) => {
      Object.assign(paramGroups[i] as object, group);
    });
    optimizer.state.clear();
    for (const [param, kept] of loaded) optimizer.state.set(param, kept);
  };
}
