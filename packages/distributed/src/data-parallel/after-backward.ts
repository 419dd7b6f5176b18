import { currentEngine, installEngine } from "@thalweg/tensor/internal";

/** What a `backward` ends with. */
export interface Ending {
  /** It has computed all gradients. */
  end(): void;
  /** It has failed, or an ending has. */
  fail(): void;
}

const endings = new Set<Ending>();
let isInstalled = false;

/** Calls `ending` once, when the `backward` that is running ends. */
export function afterBackward(ending: Ending): void {
  endings.add(ending);
}

/** Makes {@link afterBackward} work. */
export function installEndings(): void {
  if (isInstalled) return;
  isInstalled = true;
  const engine = currentEngine()!;
  installEngine({
    ...engine,
    backward(root, seed, options) {
      try {
        engine.backward(root, seed, options);
        for (const ending of endings) {
          endings.delete(ending);
          ending.end();
        }
      } finally {
        for (const ending of endings) ending.fail();
        endings.clear();
      }
    },
  });
}
