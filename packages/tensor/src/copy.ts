import { ThalwegError } from "@thalweg/kernels";
import { version } from "../package.json";

/** Under this name, classes say of which copy of the library they are: a program may hold two by mistake. */
export const copyMark: unique symbol = Symbol.for("thalweg.copy");

/** This copy. */
export const thisCopy = { version };

/** Whether something is of another copy of the library, whose classes are none of this one's; which two there are. */
export function otherCopy(value: unknown): string | undefined {
  const copy = (value as { readonly [copyMark]?: typeof thisCopy } | null | undefined)?.[copyMark];
  if (copy === undefined || copy === thisCopy) return undefined;
  return `of another copy of Thalweg, ${copy.version} beside ${version}`;
}

/** Throws if something is of another copy of the library. */
export function checkCopy(op: string, what: string, value: unknown): void {
  const other = otherCopy(value);
  if (other !== undefined) throw new ThalwegError(op, `${what} is ${other}`, oneCopy);
}

/** What to do about it. */
export const oneCopy = "install it once: see `npm ls @thalweg/tensor`";
