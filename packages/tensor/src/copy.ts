import { ThalwegError } from "@thalweg/kernels";
import { version } from "../package.json";

/** The member of classes that identifies their copy of the library. A program may load two copies by mistake. */
export const copyMark: unique symbol = Symbol.for("thalweg.copy");

/** The identity of this copy. */
export const thisCopy = { version };

/** Names both copies in words if a value belongs to another copy of the library; undefined if not. */
export function otherCopy(value: unknown): string | undefined {
  const copy = (value as { readonly [copyMark]?: typeof thisCopy } | null | undefined)?.[copyMark];
  if (copy === undefined || copy === thisCopy) return undefined;
  return `of another copy of Thalweg, ${copy.version} beside ${version}`;
}

/** Throws if a value belongs to another copy of the library. */
export function checkCopy(op: string, what: string, value: unknown): void {
  const other = otherCopy(value);
  if (other !== undefined) throw new ThalwegError(op, `${what} is ${other}`, oneCopy);
}

/** The remedy in these errors. */
export const oneCopy = "install it once: see `npm ls @thalweg/tensor`";
