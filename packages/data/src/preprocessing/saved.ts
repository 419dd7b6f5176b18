import { either, finite, type Kind, oneOf } from "@thalweg/tensor/internal";

/** A number in a state; a text where JSON has no such number. */
export type SavedNumber = number | "NaN" | "Infinity" | "-Infinity" | "-0";

/** The argument for a number in a state. */
export const savedNumber: Kind = /* @__PURE__ */ either(
  finite,
  /* @__PURE__ */ oneOf("NaN", "Infinity", "-Infinity", "-0"),
);

/** A number, in values that survive JSON. */
export function savedOf(value: number): SavedNumber {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : (`${value}` as SavedNumber);
}
