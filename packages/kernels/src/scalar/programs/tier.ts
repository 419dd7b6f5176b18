let tiers = 0;

/** Reserves an index of the `compiled` table of every program. */
export function newTier(): number {
  return tiers++;
}
