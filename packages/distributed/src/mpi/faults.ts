import type { Communicator } from "../communicator";
import { say } from "../say";
import type { MPICarrier } from "./mpi-carrier";

/**
 * Ends all ranks when this one ends by an error, or with an exit code other than 0. A rank that ends without one leaves the
 * world when all do.
 */
export function watchFaults(world: Communicator, carrier: MPICarrier): void {
  const { inspect } = process.getBuiltinModule("node:util");
  process.on("uncaughtExceptionMonitor", (error) => {
    // A program that handles the error goes on.
    if (carrier.isOpen && process.listenerCount("uncaughtException") === 0) carrier.abort(inspect(error));
  });
  process.on("exit", (code) => {
    if (!carrier.isOpen) return;
    if (code !== 0) {
      say(carrier.rank, `exit with code ${code}`);
      carrier.exit(code);
    }
    try {
      world.close();
    } catch (error) {
      carrier.abort(inspect(error));
    }
    if (carrier.isOpen)
      carrier.abort("the program has ended after an error, which the other ranks may not know");
  });
}
