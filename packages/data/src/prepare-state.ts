import { DataError } from "./data-error";

/** What may have a state of its own. */
interface Part {
  prepareLoad?(state: never): () => unknown;
}

/** Checks the state of a part that may have none; returns a function that loads it. */
export function prepareState(part: Part | undefined, state: unknown): () => unknown {
  if (part?.prepareLoad !== undefined) return part.prepareLoad(state as never);
  if ((state ?? null) === null) return () => {};
  throw new DataError("loadStateDict", "it has no state of its own", "make it as it was when it was saved");
}
