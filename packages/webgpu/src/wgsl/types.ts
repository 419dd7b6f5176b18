/** The type of a value. */
export function scalarType(isInt: boolean): "i32" | "f32" {
  return isInt ? "i32" : "f32";
}

/**
 * How a kernel says elements in buffers of ints: floats by their bits. One buffer holds small tensors of all
 * types, and a buffer has one type in a kernel, so that of a kernel with an int among its operands is int.
 */
export const bits = {
  load: (isInt: boolean, element: string): string => (isInt ? element : `bitcast<f32>(${element})`),
  store: (isInt: boolean, value: string): string => (isInt ? value : `bitcast<i32>(${value})`),
} as const;

/** How a kernel says elements in buffers of their own type. */
const direct: typeof bits = { load: (_, element) => element, store: (_, value) => value };

/** Elements of operands of which some are ints, or none. */
export function elementsOf(isAnyInt: boolean): typeof bits {
  return isAnyInt ? bits : direct;
}
