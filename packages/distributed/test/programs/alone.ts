import { communicatorLaws } from "@thalweg/testing";
import { init } from "../../src/index";

/** A program that no launcher has started. Prints what its world is. */

const world = await init();
if (process.argv[2] === "abort") world.abort("the loss is NaN");
for (const law of communicatorLaws({ numRuns: 12 })) law.run(world);
const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
const natives = sharedObjects.filter((path) => /koffi|mpi/.test(path));
const same = (await init()) === world;
console.log(
  JSON.stringify({ rank: world.rank, size: world.size, transport: world.transport, natives, same }),
);
world.close();
