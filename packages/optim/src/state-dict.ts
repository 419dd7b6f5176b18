import { copyOf, formatShape, sameShape, type Tensor, ThalwegError, zerosLike } from "@thalweg/tensor";
import type { Optimizer, ParameterState } from "./optimizer";
import { checkOptions, defaultsOf, type Limits, type Options, type OptionValue } from "./options";

/** What is saved of one parameter. */
export interface SavedState {
  readonly shape: readonly number[];
  readonly step: number;
  /** What the rule counts besides, if it does. */
  readonly numbers?: Readonly<Record<string, number>>;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** What an optimizer needs to go on where another one stopped. */
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
function keysOf(optimizer: Optimizer<never>): Map<Tensor, string> {
  const params = optimizer.paramGroups.flatMap((group: { params: Tensor[] }) => group.params);
  const names = params.map((param) => optimizer.names.get(param) ?? param.name);
  const named = names.every((name) => name !== undefined) && new Set(names).size === names.length;
  return new Map(params.map((param, i) => [param, named ? names[i]! : String(i)]));
}

function optionsOf(group: object): Record<string, OptionValue> {
  const { params: _, ...options } = group as { params: unknown } & Record<string, OptionValue>;
  for (const [name, value] of Object.entries(options)) {
    if (Array.isArray(value)) options[name] = [...value];
  }
  return options;
}

export function stateDict<O>(optimizer: Optimizer<O>): OptimizerStateDict {
  const keys = keysOf(optimizer as unknown as Optimizer<never>);
  const state: Record<string, SavedState> = {};
  for (const [param, { step, numbers, tensors }] of optimizer.state) {
    state[keys.get(param)!] = {
      shape: [...param.shape],
      step,
      ...(Object.keys(numbers).length === 0 ? {} : { numbers: { ...numbers } }),
      tensors: Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, copyOf(tensor)])),
    };
  }
  return {
    version: 1,
    optimizer: optimizer.name,
    groups: optimizer.paramGroups.map((group) => ({
      params: group.params.map((param) => keys.get(param)!),
      options: optionsOf(group as object),
    })),
    state,
  };
}

const listed = (...names: (readonly string[])[]) => names.flat().sort().join(", ");

/** Everything in which the saved state differs from what the optimizer can take. */
function mismatches<O>(
  optimizer: Optimizer<O>,
  saved: OptimizerStateDict,
  params: Map<string, Tensor>,
): string[] {
  const problems: string[] = [];
  if (saved.version !== 1) problems.push(`version ${saved.version} is not 1`);
  if (saved.optimizer !== optimizer.name) problems.push(`it was saved by "${saved.optimizer}"`);
  if (saved.groups.length !== optimizer.paramGroups.length) {
    problems.push(`it has ${saved.groups.length} parameter groups, not ${optimizer.paramGroups.length}`);
  }
  const keys = saved.groups.flatMap((group) => group.params);
  const known = new Set(keys);
  for (const key of known) {
    if (keys.indexOf(key) !== keys.lastIndexOf(key)) problems.push(`parameter "${key}" is named twice`);
  }
  for (const key of params.keys()) if (!known.has(key)) problems.push(`parameter "${key}" is missing`);
  for (const key of new Set([...known, ...Object.keys(saved.state)])) {
    if (!params.has(key)) problems.push(`there is no parameter "${key}"`);
  }
  for (const group of saved.groups) {
    const { name, declared, limits, validate, state, numbers } = optimizer.description;
    try {
      checkOptions(name, group.options, declared, limits as Limits<Options>);
    } catch (error) {
      problems.push((error as Error).message);
      continue;
    }
    const options = { ...defaultsOf(declared), ...group.options } as O;
    const problem = validate(options);
    if (problem !== undefined) problems.push(problem);
    for (const key of group.params) {
      const kept = saved.state[key];
      if (kept === undefined) continue;
      // What the state of every parameter of the group has to consist of.
      const expected = listed(Object.keys(numbers), state(options, kept.numbers ?? numbers));
      const found = listed(Object.keys(kept.numbers ?? {}), Object.keys(kept.tensors));
      if (found !== expected) problems.push(`the state of "${key}" is [${found}], not [${expected}]`);
    }
  }
  for (const [key, { shape, tensors, numbers, step }] of Object.entries(saved.state)) {
    const param = params.get(key);
    if (param === undefined) continue;
    if (!Number.isInteger(step) || step < 0) problems.push(`the step count of "${key}" is ${step}`);
    for (const [name, value] of Object.entries(numbers ?? {})) {
      if (!Number.isFinite(value)) problems.push(`${name} of "${key}" is ${value}`);
    }
    for (const [name, size] of [
      ["it", shape],
      ...Object.entries(tensors).map(([n, x]) => [n, x.shape]),
    ] as const) {
      if (!sameShape(size as number[], param.shape)) {
        problems.push(
          `${name} of "${key}" has shape ${formatShape(size as number[])}, not ${formatShape(param.shape)}`,
        );
      }
    }
  }
  return problems;
}

export function loadStateDict<O>(optimizer: Optimizer<O>, saved: OptimizerStateDict): void {
  const keys = keysOf(optimizer as unknown as Optimizer<never>);
  const params = new Map([...keys].map(([param, key]) => [key, param]));
  const problems = mismatches(optimizer, saved, params);
  if (problems.length > 0) {
    throw new ThalwegError(
      "loadStateDict",
      `the saved state does not fit, ${problems.join(", ")}`,
      "build the optimizer as it was when it was saved",
    );
  }
  saved.groups.forEach((group, i) => {
    Object.assign(optimizer.paramGroups[i] as object, optionsOf({ params: null, ...group.options }));
    optimizer.paramGroups[i]!.params = group.params.map((key) => params.get(key)!);
  });
  optimizer.state.clear();
  for (const [key, { step, numbers, tensors }] of Object.entries(saved.state)) {
    const param = params.get(key)!;
    const state: ParameterState = { step, numbers: { ...numbers }, tensors: {} };
    for (const [name, tensor] of Object.entries(tensors)) {
      state.tensors[name] = zerosLike(param).copy_(tensor.detach().to(param.dtype).to(param.device));
    }
    optimizer.state.set(param, state);
  }
}
