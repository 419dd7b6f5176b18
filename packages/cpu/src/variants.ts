import type { Access } from "./access";

/** Of any kind, with what tiers keep for it. */
interface Program {
  readonly compiled: unknown[][];
}

/** Accesses of which a key is an exact number, if it begins with 0 or 1. */
export const maxAccesses = 26;

/** The key of one access more. */
export const nextKey = (key: number, access: Access): number => 4 * key + access;

/**
 * A number for the ways in which operands are read.
 *
 * @param start tells apart what the accesses do not
 */
export function keyOf(accesses: readonly Access[], start = 0): number {
  let key = start;
  for (const access of accesses) key = nextKey(key, access);
  return key;
}

/** What a key was made of: where it began, and the last `count` accesses. */
export function readKey(key: number, count: number): { readonly start: number; readonly accesses: Access[] } {
  const accesses: Access[] = [];
  for (let i = count - 1; i >= 0; i--) {
    accesses[i] = (key % 4) as Access;
    key = Math.floor(key / 4);
  }
  return { start: key, accesses };
}

/** What a tier keeps for a program under a key, made when it is first asked for. */
export function variantOf<P extends Program, V>(
  program: P,
  tier: number,
  key: number,
  make: (program: P, key: number) => V,
): V {
  const variants = (program.compiled[tier] ??= []) as (V | undefined)[];
  let variant = variants[key];
  if (variant === undefined) {
    variant = make(program, key);
    variants[key] = variant;
  }
  return variant;
}
