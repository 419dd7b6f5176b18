let tiers = 0;

/** A place in the `compiled` table of every program. */
export function newTier(): number {
  return tiers++;
}
