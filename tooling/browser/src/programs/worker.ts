import { type Call, workerPrograms } from "./worker-programs";

addEventListener("message", async ({ data: [name, ...values] }: MessageEvent<Call>) => {
  try {
    const program = workerPrograms[name] as (...values: unknown[]) => Promise<unknown>;
    postMessage(await program(...values));
  } catch (error) {
    postMessage(String(error));
  }
});
