import { ThalwegError } from "@thalweg/tensor";

type SchedulerValue = number | string | boolean | readonly SchedulerValue[] | SchedulerState;

/** What a scheduler needs to go on where another one stopped: survives JSON. */
export interface SchedulerState {
  readonly [name: string]: SchedulerValue;
}

const isState = (name: string, value: unknown) => name !== "optimizer" && typeof value !== "function";

/** The fields of a scheduler, apart from its optimizer and from functions. */
export function stateOf(target: object): SchedulerState {
  return structuredClone(
    Object.fromEntries(Object.entries(target).filter(([name, value]) => isState(name, value))),
  );
}

const isObject = (value: unknown): value is SchedulerState =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Everything that is wrong with a saved value which is to take the place of another. */
function misfits(path: string, own: SchedulerValue, saved: unknown): string[] {
  if (Array.isArray(own) && Array.isArray(saved)) {
    if (own.length !== saved.length) return [`"${path}" has ${saved.length} entries, not ${own.length}`];
    return own.flatMap((value, i) => misfits(`${path}[${i}]`, value, saved[i]));
  }
  if (isObject(own) && isObject(saved)) {
    const inside = (name: string) => (path === "" ? name : `${path}.${name}`);
    return [
      ...Object.entries(own).flatMap(([name, value]) =>
        name in saved ? misfits(inside(name), value, saved[name]) : [`"${inside(name)}" is missing`],
      ),
      ...Object.keys(saved)
        .filter((name) => !(name in own))
        .map((name) => `"${inside(name)}" is unknown`),
    ];
  }
  return typeof own === typeof saved && !Array.isArray(own) && !isObject(own)
    ? []
    : [`${path === "" ? "it" : `"${path}"`} is ${JSON.stringify(saved)}`];
}

/** A copy of a saved state that has just the fields of another; throws if it has not. */
export function fitting(op: string, own: SchedulerState, saved: SchedulerState): SchedulerState {
  const wrong = misfits("", own, saved);
  if (wrong.length > 0) {
    throw new ThalwegError(
      op,
      `the saved state does not fit, ${wrong.join(", ")}`,
      "load it into the same kind of scheduler",
    );
  }
  return structuredClone(saved);
}
