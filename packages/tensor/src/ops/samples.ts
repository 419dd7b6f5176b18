import { internal } from "../errors";
import * as cast from "./cast";
import * as linear from "./contract/linear";
import * as matmul from "./contract/matmul";
import * as gather from "./index/gather";
import * as nll from "./index/nll";
import * as sort from "./index/sort";
import * as cat from "./join/cat";
import type { Computation, Op } from "./op";
import * as extrema from "./reduce/extrema";
import * as recurrence from "./reduce/recurrence";
import type { ErrorSample, OpSamples, Sampler } from "./sample";
import * as view from "./view/view";

/** The files whose exports are looked through. */
const files = () => [cast, linear, matmul, gather, nll, sort, cat, extrema, recurrence, view];

let known: ReadonlyMap<Op, OpSamples<unknown>> | undefined;

function isSamples(value: unknown): value is OpSamples<unknown> {
  return typeof value === "object" && value !== null && "op" in value && "sample" in value;
}

/** How generated tests call what the library computes, or what brings its samples along. */
export function samplesOf<A>(op: Computation<A>): {
  readonly sample: Sampler<A>;
  readonly errors: readonly ErrorSample[];
} {
  known ??= new Map(
    files().flatMap((file) =>
      Object.values(file)
        .filter(isSamples)
        .map((x) => [x.op, x]),
    ),
  );
  const beside = known.get(op as Computation as Op) as OpSamples<A> | undefined;
  const sample = op.sample ?? beside?.sample;
  if (sample === undefined) throw internal(`${op.name} has no samples`);
  return { sample, errors: op.errors ?? beside?.errors ?? [] };
}
