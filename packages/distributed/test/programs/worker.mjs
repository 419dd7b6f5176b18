// Runs a TypeScript module of the sources in a worker.
import { workerData } from "node:worker_threads";

await import(workerData.program);
