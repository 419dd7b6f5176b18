import { cpus } from "node:os";
import { cases } from "./cases";
import { medianTime } from "./measure";

console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown CPU"}; medians`);
for (const { name, run, rate } of cases()) {
  const ns = medianTime(run);
  const time = ns < 1e5 ? `${ns.toFixed(0)} ns` : `${(ns / 1e6).toFixed(2)} ms`;
  console.log(`${name.padEnd(36)}${time.padStart(12)}   ${rate(ns)}`);
}
