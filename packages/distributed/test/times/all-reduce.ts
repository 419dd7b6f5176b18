import { init } from "../../src/index";

/** Times `allReduce` as `all-reduce.c` does; the arguments are the number of elements, that of calls, and the reduction. */

const [length, calls] = process.argv.slice(2, 4).map(Number);
const reduction = process.argv[4] as "mpi" | "ordered";
const world = await init({ reduction });
const buffer = new Float32Array(length!).fill(1);
const times: number[] = [];
for (let i = 0; i < calls!; i++) {
  world.barrier();
  const start = performance.now();
  world.allReduce(buffer);
  times.push(performance.now() - start);
}
if (world.rank === 0) console.log(times.join("\n"));
world.close();
