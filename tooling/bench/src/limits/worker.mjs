// JavaScript, since a worker does not inherit the TypeScript loader.
import { parentPort, workerData } from "node:worker_threads";

const { f } = new WebAssembly.Instance(workerData).exports;
parentPort.on("message", (iterations) => {
  f(iterations);
  parentPort.postMessage("done");
});
parentPort.postMessage("ready");
