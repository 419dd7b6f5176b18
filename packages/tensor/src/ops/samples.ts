import { ThalwegError } from "@thalweg/kernels";
import { checkArguments, kind } from "../signature";
import * as cast from "./cast";
import * as linear from "./contract/linear";
import * as matmul from "./contract/matmul";
import * as gather from "./index/gather";
import * as sort from "./index/sort";
import * as cat from "./join/cat";
import * as crossEntropy from "./loss/cross-entropy";
import * as nll from "./loss/nll";
import type { Computation, Op, OpSamples } from "./op";
import type { MapOp } from "./pointwise";
import * as extrema from "./reduce/extrema";
import { drawReduction, type ReduceOp } from "./reduce/reduction";
import {
  anywhere,
  broadcastable,
  type Domain,
  type ErrorSample,
  noSuchDim,
  type SampleDrawer,
} from "./sample";
import * as recurrence from "./scan/recurrence";
import * as reshape from "./view/reshape";
import * as view from "./view/view";
import * as windowView from "./view/window-view";

/** The files with exported samples. */
const files = () => [
  ...[cast, linear, matmul, gather, nll, crossEntropy, sort, cat, extrema, recurrence],
  ...[view, reshape, windowView],
];

let known: ReadonlyMap<Op, OpSamples<unknown>> | undefined;

function isSamples(value: unknown): value is OpSamples<unknown> {
  return typeof value === "object" && value !== null && "op" in value && "sample" in value;
}

function isMap(op: Computation): op is MapOp {
  return op.kind === "map";
}

/** Draws operands that broadcast together. */
function drawMap({ arity, domain }: MapOp): SampleDrawer<unknown> {
  const of = (i: number) => (domain !== undefined && "length" in domain ? domain[i] : (domain as Domain));
  return (draw) => ({
    inputs: broadcastable(draw, arity).map((shape, i) => ({ shape, domain: of(i) ?? anywhere })),
    attrs: undefined,
  });
}

function isReduction(op: Computation): op is ReduceOp {
  return op.kind === "reduce" && "domain" in op;
}

/** Two operands that do not broadcast. */
const mismatch: ErrorSample = { shapes: [[2, 3], [4]] };

/** Sample calls of a computation, for generated tests. */
export interface CallSamples<A> {
  readonly sample: SampleDrawer<A>;
  readonly errors: readonly ErrorSample[];
}

const record = kind(
  "the record of an operation",
  (value) => typeof (value as Op | null)?.forward === "function",
);

/** Returns sample calls of an operation or composite of the library, or of a record with samples of its own. */
export function samplesOf<A>(op: Computation<A>): CallSamples<A> {
  checkArguments("samplesOf", { op: record }, [op]);
  return find(op as Computation) as CallSamples<A>;
}

function find(op: Computation): CallSamples<unknown> {
  known ??= new Map(
    files().flatMap((file) =>
      Object.values(file)
        .filter(isSamples)
        .map((x) => [x.op, x]),
    ),
  );
  const beside = known.get(op as Op);
  const errors = op.errors ?? beside?.errors ?? [];
  if (isMap(op)) return { sample: drawMap(op), errors: op.arity === 2 ? [...errors, mismatch] : errors };
  if (isReduction(op)) {
    return { sample: (draw) => drawReduction(draw, op.domain), errors: [noSuchDim, ...errors] };
  }
  const sample = op.sample ?? beside?.sample ?? (op.sampledAs && find(op.sampledAs).sample);
  if (sample === undefined)
    throw new ThalwegError("samplesOf", `${op.name} has no samples`, "give its record a sample");
  return { sample, errors };
}
