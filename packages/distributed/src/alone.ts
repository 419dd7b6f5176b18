import type { Call } from "./call";
import type { Carrier } from "./carrier";
import { DistributedError } from "./distributed-error";
import { say } from "./say";

/** A world of one, which sends nothing. */
export const alone: Carrier = {
  rank: 0,
  size: 1,
  name: "none",
  run(_op, call) {
    copyParts(call);
  },
  start: () => () => {},
  abort(message) {
    say(0, message);
    globalThis.process?.exit(1);
    throw new DistributedError("abort", message);
  },
  close() {},
};

/** The whole is the part. */
function copyParts(call: Call): void {
  if (call.collective === "allGather") call.all.set(call.own);
  if (call.collective === "reduceScatter") call.own.set(call.all);
}
