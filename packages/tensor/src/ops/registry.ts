import type { Composite, Op } from "./op";

// The references are weak, because programs also make operations and drop them.
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

/** The records of all operations, from which tests are generated. */
export function allOps(): readonly Op[] {
  return records.flatMap((known) => known.deref() ?? []);
}

const composites: Composite[] = [];

/** Adds a record to those that {@link allComposites} lists. */
export function registerComposite(record: Composite): void {
  composites.push(record);
}

/** The records of all composites, from which tests are generated. */
export function allComposites(): readonly Composite[] {
  return composites;
}
