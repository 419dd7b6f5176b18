/** Some batches that follow one another. */
export interface Window<Batch> {
  readonly batches: readonly Batch[];
  /** Whether there are no more batches. The last window that is full does not know it. */
  readonly isLast: boolean;
}

/** Joins batches to windows of several, of which the last one may be shorter. */
export async function* windows<Batch>(
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  size: number,
): AsyncIterableIterator<Window<Batch>> {
  let window: Batch[] = [];
  for await (const batch of batches) {
    window.push(batch);
    if (window.length < size) continue;
    yield { batches: window, isLast: false };
    window = [];
  }
  if (window.length > 0) yield { batches: window, isLast: true };
}

/** Leaves out batches at the beginning. */
export async function* skipped<Batch>(
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  count: number,
): AsyncIterableIterator<Batch> {
  let at = 0;
  for await (const batch of batches) if (at++ >= count) yield batch;
}
