import { parentPort, workerData } from "node:worker_threads";
import { join, type Seat } from "../../src/index";
import { type Scenario, train } from "./scenario";

const world = join(workerData as Seat);
parentPort!.on("message", (scenario: Scenario) => {
  try {
    parentPort!.postMessage({ outcome: train(world, scenario) });
  } catch (error) {
    parentPort!.postMessage({ error: (error as Error).stack });
  }
});
