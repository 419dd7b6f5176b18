import type { Evaluator, Operand, View } from "@thalweg/kernels";
import { collapse, forEachOuter, isView } from "@thalweg/kernels";
import { arrayOf } from "./storage";

/**
 * Runs a map one element at a time, for any strides.
 *
 * @param more further values that the expressions read, after those of the inputs
 */
export function interpretMap(
  evaluate: Evaluator,
  outputs: readonly View[],
  inputs: readonly Operand[],
  more: Iterable<number> = [],
): void {
  const { shape, size } = outputs[0]!.layout;
  if (size === 0) return;
  const views = inputs.filter(isView);
  const results = outputs.map(arrayOf);
  const arrays = views.map(arrayOf);
  const values = [...inputs.map((input) => (isView(input) ? 0 : input)), ...more];
  const slots = inputs.flatMap((input, i) => (isView(input) ? [i] : []));
  const loops = collapse(
    shape,
    [...outputs, ...views].map((view) => view.layout),
  );
  forEachOuter(loops, 0, (positions) => {
    for (let k = 0; k < slots.length; k++) values[slots[k]!] = arrays[k]![positions[outputs.length + k]!]!;
    const result = evaluate(values);
    for (let k = 0; k < results.length; k++) results[k]![positions[k]!] = result[k]!;
  });
}
