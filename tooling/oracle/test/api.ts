import * as thalweg from "thalweg";

const everything: Readonly<Record<string, unknown>> = { ...thalweg, ...thalweg.linalg };

/** The export of that name, which must be a function or a class. */
function find<Kind>(name: string): Kind {
  const found = everything[name];
  if (typeof found !== "function") throw new Error(`thalweg has no function or class called ${name}`);
  return found as Kind;
}

/** Calls an exported function that a fixture names. */
export const invoke = (name: string, args: readonly unknown[]): unknown =>
  find<(...args: readonly unknown[]) => unknown>(name)(...args);

/** Constructs an exported class that a fixture names. */
export const construct = <Instance>(name: string, args: readonly unknown[]): Instance =>
  new (find<new (...args: readonly unknown[]) => Instance>(name))(...args);
