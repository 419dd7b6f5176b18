import { ThalwegError } from "@thalweg/tensor";
import { describe, either, type Kind, list, type Signature } from "@thalweg/tensor/internal";
import { within } from "../options";

/** A value in the state of a scheduler. */
export type SchedulerValue = number | string | boolean | readonly SchedulerValue[] | SchedulerState;

/** The state from which another scheduler can go on; survives JSON. */
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

/** A whole number from 0 on. */
export const count: Kind = /* @__PURE__ */ within({ min: 0, whole: true });
/** A whole number from 1 on. */
export const period: Kind = /* @__PURE__ */ within({ min: 1, whole: true });
/** Any number but NaN and infinities. */
export const finite: Kind = /* @__PURE__ */ within({});
/** A rate, or a factor of one. */
export const rate: Kind = /* @__PURE__ */ within({ min: 0 });
export const positive: Kind = /* @__PURE__ */ within({ above: 0 });
export const share: Kind = /* @__PURE__ */ within({ min: 0, max: 1 });
export const momentum: Kind = /* @__PURE__ */ within({ min: 0, below: 1 });

/** One value for all groups, or one for each. */
export const perGroup = (of: Kind): Kind => either(of, list(of));

const isObject = (value: unknown): value is SchedulerState =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** All errors in a saved value that is to replace another. */
function misfits(path: string, own: SchedulerValue, saved: unknown, range?: Kind): string[] {
  if (Array.isArray(own) && Array.isArray(saved)) {
    if (own.length !== saved.length) return [`"${path}" has ${saved.length} entries, not ${own.length}`];
    return own.flatMap((value, i) => misfits(`${path}[${i}]`, value, saved[i], range));
  }
  if (isObject(own) && isObject(saved)) return misfitsOfFields(path, own, saved);
  const title = path === "" ? "it" : `"${path}"`;
  if (typeof own !== typeof saved || typeof own === "object") return [`${title} is ${describe(saved)}`];
  return range === undefined || range.accepts(saved)
    ? []
    : [`${title} is ${describe(saved)}, it must be ${range.must}`];
}

function misfitsOfFields(
  path: string,
  own: SchedulerState,
  saved: SchedulerState,
  ranges: Signature = {},
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

/**
 * A copy of a saved state, which must have exactly the fields of another, and in range.
 *
 * @param ranges the numbers and texts that a state may hold, by the name of their field; any unless given
 */
export function fitting(
  op: string,
  own: SchedulerState,
  saved: SchedulerState,
  ranges: Signature,
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
