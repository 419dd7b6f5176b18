import type { Access } from "./access";

/** A program of any kind, with the variants that tiers keep for it. */
interface Program {
  readonly compiled: unknown[][];
}

/** The largest number of accesses for which a key is an exact number, if it starts with 0 or 1. */
export const maxAccesses = 26;

/** Extends a key by one access. */
export const nextKey = (key: number, access: Access): number => 4 * key + access;

/**
 * The key of a variant: a number for the ways in which operands are read.
 *
 * @param start distinguishes variants with the same accesses; 0 unless given
 */
export function keyOf(accesses: readonly Access[], start = 0): number {
  let key = start;
  for (const access of accesses) key = nextKey(key, access);
  return key;
}

/** Decodes a key into its start and its last `count` accesses. */
export function readKey(key: number, count: number): { readonly start: number; readonly accesses: Access[] } {
  const accesses: Access[] = [];
  for (let i = count - 1; i >= 0; i--) {
    accesses[i] = (key % 4) as Access;
    key = Math.floor(key / 4);
  }
  return { start: key, accesses };
}

/** The variant that a tier keeps for a program under a key, made at the first request. */
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
