import { readFileSync } from "node:fs";
import { full, memoryStats, pointwise } from "thalweg";

// A loop that never yields, over tensors that nothing holds for longer than a step.
const halfway = pointwise("halfway", (x, goal) => x.add(goal).mul(0.5));

/** Peak memory of this process in bytes. On Linux the system's other figure includes those of the process that started it. */
function peak(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]) * 1024;
}

/** The share of its time that this process had a processor: with little of it, the threads of the collector run late. */
function share(): number {
  const { user, system } = process.cpuUsage();
  return Math.min(1, (user + system) / (1e6 * process.uptime()));
}

const steps = Number(process.argv[2]);
let x = full([1_000_000], 1);
for (let step = 0; step < steps; step++) x = halfway(x, 2);

console.log(
  JSON.stringify({
    value: x.dataSync()[999_999],
    peak: peak(),
    share: share(),
    ...memoryStats(),
  }),
);
