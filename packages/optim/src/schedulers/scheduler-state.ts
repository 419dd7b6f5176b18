import { ThalwegError } from "@thalweg/tensor";
import { spell } from "@thalweg/tensor/internal";
import { allows, describe, type Limit } from "../options";

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

/** What the numbers and texts of a state may be, by the name of their field; any unless given. */
export type Ranges = Readonly<Record<string, Limit | readonly string[]>>;

/** A whole number from 0 on. */
export const count: Limit = { min: 0, whole: true };
/** A whole number from 1 on. */
export const period: Limit = { min: 1, whole: true };
/** Any number but NaN and infinities. */
export const finite: Limit = {};

const isObject = (value: unknown): value is SchedulerState =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Everything that is wrong with a saved value which is to take the place of another. */
function misfits(path: string, own: SchedulerValue, saved: unknown, range?: Ranges[string]): string[] {
  if (Array.isArray(own) && Array.isArray(saved)) {
    if (own.length !== saved.length) return [`"${path}" has ${saved.length} entries, not ${own.length}`];
    return own.flatMap((value, i) => misfits(`${path}[${i}]`, value, saved[i], range));
  }
  if (isObject(own) && isObject(saved)) return misfitsOfFields(path, own, saved);
  const title = path === "" ? "it" : `"${path}"`;
  if (typeof own !== typeof saved || typeof own === "object") return [`${title} is ${spell(saved)}`];
  if (range === undefined) return [];
  if ("includes" in range) {
    return range.includes(saved as string)
      ? []
      : [`${title} is ${spell(saved)}, not one of ${range.join(", ")}`];
  }
  return allows(saved, range) ? [] : [`${title} is ${spell(saved)}, it must be ${describe(range)}`];
}

function misfitsOfFields(
  path: string,
  own: SchedulerState,
  saved: SchedulerState,
  ranges: Ranges = {},
): string[] {
  const inside = (name: string) => (path === "" ? name : `${path}.${name}`);
  return [
    ...Object.entries(own).flatMap(([name, value]) =>
      Object.hasOwn(saved, name)
        ? misfits(inside(name), value, saved[name], ranges[name])
        : [`"${inside(name)}" is missing`],
    ),
    ...Object.keys(saved)
      .filter((name) => !Object.hasOwn(own, name))
      .map((name) => `"${inside(name)}" is unknown`),
  ];
}

/** A copy of a saved state that has just the fields of another; throws if it has not, or they are out of range. */
export function fitting(
  op: string,
  own: SchedulerState,
  saved: SchedulerState,
  ranges: Ranges,
): SchedulerState {
  const wrong = isObject(saved) ? misfitsOfFields("", own, saved, ranges) : misfits("", own, saved);
  if (wrong.length > 0) {
    throw new ThalwegError(
      op,
      `the saved state does not fit, ${wrong.join(", ")}`,
      "load it into the same kind of scheduler",
    );
  }
  return structuredClone(saved);
}
