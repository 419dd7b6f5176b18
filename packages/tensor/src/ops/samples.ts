import { ThalwegError } from "@thalweg/kernels";
import { checkArguments, kind } from "../signature";
import { toSamples } from "./cast";
import { linearSamples } from "./contract/linear";
import { matmulSamples } from "./contract/matmul";
import { gatherSamples, scatterSamples } from "./index/gather";
import { argsortSamples } from "./index/sort";
import { catSamples } from "./join/cat";
import { entropyGradientSamples, entropySamples } from "./loss/cross-entropy";
import { nllSamples } from "./loss/nll";
import type { Computation, Op, OpSamples } from "./op";
import type { MapOp } from "./pointwise";
import { argSamples } from "./reduce/extrema";
import { drawReduction, type ReduceOp } from "./reduce/reduction";
import {
  anywhere,
  broadcastable,
  type Domain,
  type ErrorSample,
  noSuchDim,
  type SampleDrawer,
} from "./sample";
import { recurrenceSamples } from "./scan/recurrence";
import { reshapeSamples } from "./view/reshape";
import {
  diagonalSamples,
  expandSamples,
  permuteSamples,
  placeSamples,
  selectSamples,
  sliceSamples,
  unfoldSamples,
} from "./view/view";
import { overwriteSamples, windowSamples } from "./view/window-view";

/** Samples that are not a part of the record. A list made at import could meet files that import each other. */
const separate = (): readonly unknown[] => [
  toSamples,
  linearSamples,
  matmulSamples,
  gatherSamples,
  scatterSamples,
  argsortSamples,
  catSamples,
  entropyGradientSamples,
  entropySamples,
  nllSamples,
  argSamples,
  recurrenceSamples,
  reshapeSamples,
  diagonalSamples,
  expandSamples,
  permuteSamples,
  placeSamples,
  selectSamples,
  sliceSamples,
  unfoldSamples,
  overwriteSamples,
  windowSamples,
];

let known: ReadonlyMap<Op, OpSamples<unknown>> | undefined;

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
  known ??= new Map((separate() as OpSamples<unknown>[]).map((x) => [x.op, x]));
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
