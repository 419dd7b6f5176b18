import { copyOf, formatShape, sameShape, type Tensor, ThalwegError, zerosLike } from "@thalweg/tensor";
import type { Optimizer, ParameterState } from "./optimizer";
import { checkOptions, type OptionValue } from "./options";

/** What is saved of one parameter. */
export interface SavedState {
  readonly shape: readonly number[];
  readonly step: number;
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
    if (typeof value === "object") options[name] = [...value];
  }
  return options;
}

export function stateDict<O>(optimizer: Optimizer<O>): OptimizerStateDict {
  const keys = keysOf(optimizer as unknown as Optimizer<never>);
  const state: Record<string, SavedState> = {};
  for (const [param, { step, tensors }] of optimizer.state) {
    state[keys.get(param)!] = {
      shape: [...param.shape],
      step,
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
  const listed = new Set(saved.groups.flatMap((group) => group.params));
  const keys = saved.groups.flatMap((group) => group.params);
  for (const key of listed) {
    if (keys.indexOf(key) !== keys.lastIndexOf(key)) problems.push(`parameter "${key}" is named twice`);
  }
  for (const key of params.keys()) if (!listed.has(key)) problems.push(`parameter "${key}" is missing`);
  for (const key of new Set([...listed, ...Object.keys(saved.state)])) {
    if (!params.has(key)) problems.push(`there is no parameter "${key}"`);
  }
  for (const group of saved.groups) {
    const { name, defaults, limits, validate, state } = optimizer.description;
    try {
      checkOptions(name, group.options, defaults as object, limits as object);
    } catch (error) {
      problems.push((error as Error).message);
      continue;
    }
    const problem = validate({ ...defaults, ...group.options } as O);
    if (problem !== undefined) problems.push(problem);
    // What the state of every parameter of the group has to consist of.
    const expected = [...state({ ...defaults, ...group.options } as O)].sort().join(", ");
    for (const key of group.params) {
      const kept = saved.state[key];
      const found = kept === undefined ? expected : Object.keys(kept.tensors).sort().join(", ");
      if (found !== expected) problems.push(`the state of "${key}" is [${found}], not [${expected}]`);
    }
  }
  for (const [key, { shape, tensors, step }] of Object.entries(saved.state)) {
    const param = params.get(key);
    if (param === undefined) continue;
    if (!Number.isInteger(step) || step < 0) problems.push(`the step count of "${key}" is ${step}`);
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
  for (const [key, { step, tensors }] of Object.entries(saved.state)) {
    const param = params.get(key)!;
    const state: ParameterState = { step, tensors: {} };
    for (const [name, tensor] of Object.entries(tensors)) {
      state.tensors[name] = zerosLike(param).copy_(tensor.detach().to(param.dtype).to(param.device));
    }
    optimizer.state.set(param, state);
  }
}
