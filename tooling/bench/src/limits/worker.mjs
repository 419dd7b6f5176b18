// JavaScript, as a worker does not inherit the loader of TypeScript.
import { parentPort, workerData } from "node:worker_threads";

const { f } = new WebAssembly.Instance(workerData).exports;
parentPort.on("message", (iterations) => {
  f(iterations);
  parentPort.postMessage("done");
});
parentPort.postMessage("ready");
