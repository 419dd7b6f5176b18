import { parentPort, workerData } from "node:worker_threads";
import { join, type Seat } from "../../src/index";
import { type Fitting, fitted } from "./fitting";

const { seat, ...fitting } = workerData as Fitting & { readonly seat: Seat };
parentPort!.postMessage(await fitted(join(seat), fitting));
