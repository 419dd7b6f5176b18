const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Milliseconds without progress until a wait begins to sleep. Until then, it lets other processes of its core go first. */
const spin = 0.5;

/** A test of MPI that takes longer has moved data. */
const idle = 0.02;

/** The longest sleep, in milliseconds. */
const longest = 2;

/**
 * Waits until a test succeeds; false when it does not within a time in milliseconds. MPI makes progress only within its
 * calls. Without progress the wait sleeps for an eighth of the time that it has taken, so that a core which others need is
 * free, and the wait no longer than it has to be.
 */
export function waitUntil(test: () => boolean, timeout: number, giveWay: () => void): boolean {
  const start = performance.now();
  let before = start;
  let progress = start;
  while (!test()) {
    const now = performance.now();
    if (now - before > idle) progress = now;
    if (now - start > timeout) return false;
    const waited = now - progress;
    if (waited > spin) Atomics.wait(sleeper, 0, 0, Math.min(waited / 8, longest));
    else giveWay();
    before = performance.now();
  }
  return true;
}
