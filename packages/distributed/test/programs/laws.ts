import { communicatorLaws } from "@thalweg/testing";
import { init } from "../../src/index";

const world = await init({ timeout: 20 });
const t0 = performance.now();
for (const law of communicatorLaws()) {
  const t = performance.now();
  law.run(world);
  if (world.rank === 0) console.log(law.name, Math.round(performance.now() - t));
}
console.log(world.rank, world.size, world.transport, Math.round(performance.now() - t0));
