import type { Storage } from "./storage";

/** Large storages that were made since the outermost scope was opened. */
const journal: Storage[] = [];
let depth = 0;

/** Backends tell here what they allocate, if it is worth giving back early. */
export function noteAllocation(storage: Storage): void {
  if (depth > 0) journal.push(storage);
}

/**
 * From here to {@link closeScope} the library computes with tensors of its own that nobody else gets to
 * see, but for those that it holds when the scope is closed. Returns what the closing has to be told.
 */
export function openScope(): number {
  depth++;
  return journal.length;
}

/** Gives back what nobody holds, and the rest as soon as nobody does. */
export function closeScope(mark: number): void {
  depth--;
  while (journal.length > mark) journal.pop()!.expire();
}

/** Runs a body that makes storages for itself alone: they are given back. */
export function temporarily(body: () => void): void {
  const mark = openScope();
  try {
    body();
  } finally {
    closeScope(mark);
  }
}

/**
 * Runs a body that makes tensors for itself: all but its result is given back, or as soon as the tape no
 * longer needs it. The body must not keep any of them, nor show them to code that may.
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
    // It may be a temporary of whoever called.
    if (made) noteAllocation(storage!);
  }
}
