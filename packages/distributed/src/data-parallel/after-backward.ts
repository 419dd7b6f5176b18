import { currentEngine, installEngine } from "@thalweg/tensor/internal";

/** What a walk back ends with. */
export interface Ending {
  /** The walk has ended. */
  end(): void;
  /** The walk has failed. */
  fail(): void;
}

const endings = new Set<Ending>();
let isInstalled = false;

/** Calls `ending` whenever a `backward` has ended, until the function that is returned is called. */
export function afterBackward(ending: Ending): () => void {
  if (!isInstalled) install();
  endings.add(ending);
  return () => void endings.delete(ending);
}

function install(): void {
  const engine = currentEngine()!;
  installEngine({
    ...engine,
    backward(root, seed, options) {
      try {
        engine.backward(root, seed, options);
      } catch (error) {
        for (const ending of endings) ending.fail();
        throw error;
      }
      for (const ending of endings) ending.end();
    },
  });
  isInstalled = true;
}
