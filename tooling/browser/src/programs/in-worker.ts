import type { arrive } from "./arrive";

/** {@link arrive} in a worker, or the worker's error. */
export async function inWorker(...values: Parameters<typeof arrive>): Promise<number | string | null> {
  const worker = new Worker(new URL("./arrive-worker.ts", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(values);
    });
  } finally {
    worker.terminate();
  }
}
