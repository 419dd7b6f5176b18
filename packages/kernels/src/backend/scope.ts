import type { Storage } from "./storage";

/** Large storages that were made since the outermost scope was opened. */
const journal: Storage[] = [];
let depth = 0;

/** Called by backends for each storage that is worth freeing early. */
export function noteAllocation(storage: Storage): void {
  if (depth > 0) journal.push(storage);
}

/**
 * Opens a scope. Until {@link closeScope}, the library computes with tensors that only it can reach, except
 * for those that it holds when the scope closes. Returns the mark that {@link closeScope} takes.
 */
export function openScope(): number {
  depth++;
  return journal.length;
}

/** Frees the storages of the scope that have no holder, and each of the others with its last holder. */
export function closeScope(mark: number): void {
  depth--;
  while (journal.length > mark) journal.pop()!.expire();
}

/** Runs a body that makes storages for itself alone, and frees them. */
export function temporarily(body: () => void): void {
  const mark = openScope();
  try {
    body();
  } finally {
    closeScope(mark);
  }
}

/**
 * Runs a body that makes tensors for itself. All but its result are freed, at once or as soon as the tape no
 * longer needs them. The body must not keep any of them, nor pass them to code that may.
 */
export function scoped<T extends { readonly storage: Storage }>(body: () => T): T {
  const mark = openScope();
  let storage: Storage | null = null;
  try {
    const result = body();
    storage = result.storage;
    storage.retain();
    return result;
  } finally {
    const made = storage !== null && journal.lastIndexOf(storage) >= mark;
    closeScope(mark);
    if (made) storage!.expose();
    storage?.release();
    // The result may be a temporary of the caller's scope.
    if (made) noteAllocation(storage!);
  }
}
