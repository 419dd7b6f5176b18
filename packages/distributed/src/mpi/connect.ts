import { DistributedError } from "../distributed-error";
import type { Launcher } from "../launcher";
import { World } from "../world";
import { watchFaults } from "./faults";
import { findLibrary } from "./library";
import { MPICarrier, type MPISettings } from "./mpi-carrier";

/** Settings of {@link connectMPI}. */
export interface ConnectSettings extends MPISettings {
  /** The file or the name of the library; those that are usual are tried where it is undefined. */
  readonly library: string | undefined;
  readonly debug: boolean;
}

/**
 * Joins the processes that a launcher has started.
 *
 * @throws DistributedError when no library of MPI finds them.
 */
export async function connectMPI(launcher: Launcher, settings: ConnectSettings): Promise<World> {
  const binding = await findLibrary(launcher, settings.library);
  const carrier = new MPICarrier(binding, settings);
  const world = new World(carrier, settings.debug);
  if (carrier.size > 1) watchFaults(world, carrier);
  checkSettings(carrier, settings);
  return world;
}

/** Settings that change what is sent have to be those of all ranks. */
function checkSettings(carrier: MPICarrier, { reduction, debug }: ConnectSettings): void {
  const all = carrier.exchange("init", Float64Array.of(Number(reduction === "ordered"), Number(debug)));
  for (let rank = 1; rank < carrier.size; rank++) {
    const [first, other] = [all.subarray(0, 2), all.subarray(2 * rank, 2 * rank + 2)];
    if (first.every((value, i) => value === other[i])) continue;
    const told = ([ordered, debugs]: Float64Array) =>
      `reduction "${ordered === 1 ? "ordered" : "mpi"}" and debug ${debugs === 1}`;
    throw new DistributedError(
      "init",
      `rank 0 has ${told(first)}, rank ${rank} has ${told(other)}`,
      "pass the same options on all ranks",
    );
  }
}
