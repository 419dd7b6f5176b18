import { full, memoryStats, pointwise } from "thalweg";

// A loop that never gives control back, over tensors that nothing holds for longer than a step.
const halfway = pointwise("halfway", (x, goal) => x.add(goal).mul(0.5));

const steps = Number(process.argv[2]);
let x = full([1_000_000], 1);
for (let step = 0; step < steps; step++) x = halfway(x, 2);

console.log(
  JSON.stringify({
    value: x.dataSync()[999_999],
    peak: process.resourceUsage().maxRSS * 1024,
    ...memoryStats(),
  }),
);
