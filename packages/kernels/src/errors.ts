/** The sizes of the dimensions of a tensor, outermost first. */
export type Shape = readonly number[];

/** The text of a shape in error messages: `[2, 3]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** The class name of a built-in object, also from another realm, whose classes `instanceof` does not know. */
export function brandOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** A short text of any value, for errors. */
export function describe(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null)
    return typeof value === "bigint" ? `${value}n` : String(value);
  if (Array.isArray(value)) {
    const flat = value.length <= 8 && value.every((item) => typeof item !== "object" || item === null);
    return flat ? `[${Array.from(value, describe).join(", ")}]` : `an array of ${value.length}`;
  }
  if ("dtype" in value && "shape" in value) return `a tensor of shape ${describe(value.shape)}`;
  const tag = brandOf(value);
  return tag === "Object" ? "an object" : `a value of type ${tag}`;
}

/**
 * The class that every error of the library extends. `op` is the name of the operation that threw, `shapes` are
 * the shapes of its operands, and the message reads `<op>: <what is wrong>, <both sides>; <remedy>`.
 *
 * @example
 * try {
 *   tensor([1, 2]).add(tensor([1, 2, 3]));
 * } catch (error) {
 *   (error as ThalwegError).op; // → "add"
 *   (error as ThalwegError).shapes; // → [[2],[3]]
 * }
 */
export class ThalwegError extends Error {
  // A string of its own, because minifiers shorten the names of classes.
  override readonly name: string = "ThalwegError";
  /** The operation that threw, under the name by which it was called. */
  readonly op: string;
  /** Shapes of its operands, where there are any. */
  readonly shapes: readonly Shape[];

  /** Unless given, `remedy` is not part of the message, and `shapes` is empty. */
  constructor(op: string, problem: string, remedy?: string, shapes: readonly Shape[] = []) {
    super(`${op}: ${problem}${remedy === undefined ? "" : `; ${remedy}`}`);
    this.op = op;
    this.shapes = shapes;
  }
}

/** Shapes, dimensions or sizes do not fit the operation. */
export class ShapeError extends ThalwegError {
  override readonly name: string = "ShapeError";
}

/** The element type is not the one that the operation needs, or the operands' types differ. */
export class DTypeError extends ThalwegError {
  override readonly name: string = "DTypeError";
}

/** Operands are on different devices, or a device cannot do what was asked. */
export class DeviceError extends ThalwegError {
  override readonly name: string = "DeviceError";
}

/** Differentiation was asked for where it is not possible. */
export class GradientError extends ThalwegError {
  override readonly name: string = "GradientError";
}

/** Returns what `make` allocates for `count` numbers; throws a DeviceError when memory runs out. */
export function inMemory<T>(op: string, count: number, make: () => T): T {
  try {
    return make();
  } catch {
    throw new DeviceError(op, `out of memory, ${count} numbers were requested`, "use smaller sizes");
  }
}

/** An index is outside of its dimension, or is not a whole number. */
export class IndexError extends ThalwegError {
  override readonly name: string = "IndexError";
}

/** An argument or an option is not of the kind that the function takes, or the option does not exist. */
export class ArgumentError extends ThalwegError {
  override readonly name: string = "ArgumentError";
}

/** Renames an error of the library, thrown by an inner operation, after `op`, the operation that was called. */
export function renamed(error: unknown, op: string): unknown {
  if (!(error instanceof ThalwegError) || error.op === op) return error;
  const { message, stack } = error;
  const own = op + message.slice(error.op.length);
  return Object.assign(error, { op, message: own, stack: stack?.replace(message, own) });
}

/** Runs a body, with its errors renamed after `op`, the operation that was called. */
export function named<T>(op: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw renamed(error, op);
  }
}

/** The error for a bug of the library: a state that its own code should make impossible. */
export function internal(message: string): Error {
  return new Error(`internal: ${message}`);
}
