import type { Composite, Op } from "./op";

// Weak, since programs make operations too, and forget them.
let records: WeakRef<Op>[] = [];
let most = 1024;

/** Adds a record to those that {@link allOps} lists. */
export function register<R extends Pick<Op, "name">>(record: R): R {
  if (records.length >= most) {
    records = records.filter((known) => known.deref() !== undefined);
    most = 1024 + 2 * records.length;
  }
  records.push(new WeakRef(record as unknown as Op));
  return record;
}

/** The records of all operations that there are, for tests that are generated from them. */
export function allOps(): readonly Op[] {
  return records.flatMap((known) => known.deref() ?? []);
}

const composites: Composite[] = [];

/** Adds a record to those that {@link allComposites} lists. */
export function registerComposite(record: Composite): void {
  composites.push(record);
}

/** The records of all functions that are made of operations, for tests that are generated from them. */
export function allComposites(): readonly Composite[] {
  return composites;
}
