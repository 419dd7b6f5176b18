import type { Call } from "./worker-programs";

/** The result of a program in a worker, or the worker's error. */
export async function inWorker(...call: Call): Promise<unknown> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(call);
    });
  } finally {
    worker.terminate();
  }
}
