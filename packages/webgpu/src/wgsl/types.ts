export function scalarType(isInt: boolean): "i32" | "f32" {
  return isInt ? "i32" : "f32";
}

/**
 * Loads and stores elements in buffers of ints, floats by their bits. Small tensors of all types share one buffer, and a
 * kernel binds a buffer with one type, so kernels with an int operand bind all buffers as ints.
 */
export const bits = {
  load: (isInt: boolean, element: string): string => (isInt ? element : `bitcast<f32>(${element})`),
  store: (isInt: boolean, value: string): string => (isInt ? value : `bitcast<i32>(${value})`),
} as const;

/** Loads and stores elements in buffers of floats. */
const direct: typeof bits = { load: (_, element) => element, store: (_, value) => value };

/** Returns the way to load and store elements for kernels with and without int operands. */
export function elementsOf(isAnyInt: boolean): typeof bits {
  return isAnyInt ? bits : direct;
}
