import { init } from "../../src/index";

/** Does one thing wrong on one rank of a world, while the others go on. */

const [, , fault] = process.argv;
const isFaulty = process.env.PMI_RANK === "1" || process.env.OMPI_COMM_WORLD_RANK === "1";
const timeout = fault === "late" ? 0.3 : 20;
const world = await init({ timeout, reduction: fault === "options" && isFaulty ? "ordered" : "mpi" });

/** What the others do. */
const goOn = () => world.allReduce(new Float32Array(10));

const faults: Record<string, () => unknown> = {
  none: () => {
    const sum = Float32Array.of(world.rank + 1);
    world.allReduce(sum);
    console.log(`sum ${sum[0]} by ${world.transport}`);
  },
  throws: () => {
    throw new Error("no such file");
  },
  rejects: () => {
    void Promise.reject(new Error("no such file"));
    return new Promise(() => setInterval(() => {}, 1000));
  },
  exits: () => process.exit(3),
  ends: () => {
    process.exitCode = 4;
  },
  aborts: () => world.abort("the loss is NaN"),
  dies: () => process.kill(process.pid, "SIGKILL"),
  leaves: () => world.close(),
  differs: () => world.allReduce(new Float32Array(12)),
  late: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000),
};

if (fault === "none") faults.none!();
else if (isFaulty) await faults[fault!]?.();
else goOn();
