import { formatShape, ShapeError } from "@thalweg/kernels";

/** A number for all spatial dimensions, or one for each. */
export type Sizes = number | readonly number[];

/** Returns one whole number for each of `count` spatial dimensions. */
export function each(op: string, what: string, given: Sizes, count: number, least: number): number[] {
  const sizes = typeof given === "number" ? new Array<number>(count).fill(given) : [...given];
  if (sizes.length !== count) {
    throw new ShapeError(
      op,
      `${what} has ${sizes.length} numbers, ${formatShape(sizes)}, for ${count} spatial dimension${count === 1 ? "" : "s"}`,
      `give one number, or ${count}`,
    );
  }
  for (const size of sizes) {
    if (!Number.isInteger(size) || size < least) {
      throw new ShapeError(
        op,
        `${what} must be whole numbers from ${least} on, got ${typeof given === "number" ? given : formatShape(given)}`,
        `pass at least ${least}`,
      );
    }
  }
  return sizes;
}
