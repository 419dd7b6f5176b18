import { GradientError } from "@thalweg/tensor";
import { callback, checkArguments } from "@thalweg/tensor/internal";

/** Whether operations are recorded; one object, so that the tape reads a field. */
export const mode = { recording: true };

/** Whether operations are being recorded for differentiation. */
export function isGradEnabled(): boolean {
  return mode.recording;
}

function within<T>(op: string, recording: boolean, body: () => T): T {
  checkArguments(op, { body: callback }, [body]);
  const before = mode.recording;
  mode.recording = recording;
  try {
    const result = body();
    if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
      throw new GradientError(
        op,
        "the body is asynchronous, it would go on after the mode was left",
        `await first, then call ${op} around the synchronous part`,
      );
    }
    return result;
  } finally {
    mode.recording = before;
  }
}

/**
 * Runs `body` without recording: results require no grad, and leaves may be written to in place.
 *
 * @throws GradientError when the body is asynchronous.
 * @example
 * const w = tensor([1, 2], { requiresGrad: true });
 * noGrad(() => w.mul(2)).requiresGrad; // → false
 * noGrad(() => w.sub_(1)).toArray(); // → [0,1]
 */
export function noGrad<T>(body: () => T): T {
  return within("noGrad", false, body);
}

/** Runs `body` with recording on, also inside of {@link noGrad}. */
export function enableGrad<T>(body: () => T): T {
  return within("enableGrad", true, body);
}
