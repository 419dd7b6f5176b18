import type { Module } from "@thalweg/nn";

/** Runs a function that changes the modes of modules, and gives them their own back. */
export function keepingModes<T>(model: Module, body: () => T): T {
  const restore = modesOf(model);
  try {
    return body();
  } finally {
    restore();
  }
}

/** A function that gives all modules the modes that they have now. */
export function modesOf(model: Module): () => void {
  const modes = Array.from(model.modules(), (module) => [module, module.training] as const);
  return () => {
    for (const [module, isTraining] of modes) module.training = isTraining;
  };
}
