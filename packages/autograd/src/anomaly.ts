/** Whether anomalies are being looked for. */
export const anomaly = { on: false };

/**
 * Runs `body` with a watch on `backward`: the first gradient that holds a NaN is an error that names the
 * operation and shows where it was called. Slow; for finding a fault.
 */
export function detectAnomaly<T>(body: () => T): T {
  const before = anomaly.on;
  anomaly.on = true;
  try {
    return body();
  } finally {
    anomaly.on = before;
  }
}
