import {
  amax,
  arange,
  cat,
  clamp,
  type Expr,
  full,
  gather,
  gt,
  IndexError,
  indexSelect,
  lt,
  ne,
  type Pointwise,
  pad,
  pointwise,
  ShapeError,
  stack,
  sum,
  Tensor,
  tensor,
  where,
  zeros,
} from "@thalweg/tensor";
import {
  boolean,
  checkArguments,
  count,
  either,
  formatShape,
  list,
  named,
  oneOf,
  options as optionsOf,
  runHost,
  type Signature,
  scoped,
  stepsOf,
  tensorKind,
} from "@thalweg/tensor/internal";
import { type LossOptions, reduced } from "./reduce";

/** Options of {@link ctcLoss}. */
export interface CtcOptions extends LossOptions {
  /** The class that means no label; 0 unless given. */
  readonly blank?: number;
  /** Whether targets that are too long for their inputs cost 0, not Infinity; false unless given. */
  readonly zeroInfinity?: boolean;
}

/** The lengths of the sequences of a batch: a vector, an array, or a number for one sequence. */
export type Lengths = number | readonly number[] | Tensor;

const op = "ctcLoss";
const never = Number.NEGATIVE_INFINITY;

/** The largest exponent of the three ways into a state, and their powers of e, relative to it. */
function ways(stay: Expr, move: Expr, skip: Expr, canSkip: Expr) {
  const jump = canSkip.choose(skip, never);
  const top = stay.maximum(move).maximum(jump);
  return { top, powers: [stay, move, jump].map((way) => way.sub(top).exp()) as [Expr, Expr, Expr] };
}

/**
 * The logarithm of the probability of a state after one more step: log(eˢᵗᵃʸ + eᵐᵒᵛᵉ + eˢᵏⁱᵖ) + emission - shift, or `stay` for
 * sequences that have ended. The gradient is 0 where it is -Infinity.
 */
const step: Pointwise<
  [stay: Expr, move: Expr, skip: Expr, canSkip: Expr, emission: Expr, shift: Expr, isActive: Expr]
> = /* @__PURE__ */ pointwise(
  op,
  (stay, move, skip, canSkip, emission, shift, isActive) => {
    const { top, powers } = ways(stay, move, skip, canSkip);
    const [a, b, c] = powers;
    const next = top.add(a.add(b).add(c).log()).add(emission.sub(shift));
    return isActive.choose(top.eq(never).choose(never, next), stay);
  },
  {
    gradient(g, y, stay, move, skip, canSkip, _emission, _shift, isActive) {
      const { powers } = ways(stay!, move!, skip!, canSkip!);
      const [a, b, c] = powers;
      const part = g.div(a.add(b).add(c));
      const reached = (value: Expr) => y.eq(never).choose(0, value);
      const active = (value: Expr) => isActive!.choose(reached(value), 0);
      return [
        isActive!.choose(reached(part.mul(a)), g),
        active(part.mul(b)),
        active(part.mul(c)),
        null,
        active(g),
        active(g.neg()),
        null,
      ];
    },
  },
);

/** What is subtracted after each step, so that float32 keeps the digits of long sequences. It cancels in the sum. */
const shiftOf: Pointwise<[top: Expr, isActive: Expr]> = /* @__PURE__ */ pointwise(
  "ctcShift",
  (top, isActive) => isActive.mul(top.ne(never)).choose(top, 0),
);

/** Lengths as a vector [batch], each checked to be from 0 to `most`. */
function lengthsOf(name: string, given: Lengths, { shape, device }: Tensor, most: number): Tensor {
  const batch = shape[1]!;
  const lengths =
    given instanceof Tensor ? given.detach() : tensor([given].flat(), { dtype: "int32", device });
  if (lengths.size !== batch || lengths.ndim > 1) {
    throw new ShapeError(
      op,
      `${name} do not fit, ${formatShape(lengths.shape)} for log-probabilities ${formatShape(shape)}`,
      `give one for each of ${batch} sequences`,
      [lengths.shape, shape],
    );
  }
  const check = (values: ArrayLike<number>) => {
    const wrong = Array.from(values).find(
      (length) => !(Number.isInteger(length) && length >= 0 && length <= most),
    );
    if (wrong === undefined) return;
    throw new IndexError(op, `one of ${name} is ${wrong}`, `they must be whole numbers from 0 to ${most}`);
  };
  if (!(given instanceof Tensor)) check([given].flat());
  else if (lengths.device === "cpu") {
    runHost(lengths.storage.backend, op, [], [lengths], (_, [view]) =>
      check(new Tensor(view!.storage, view!.layout).dataSync()),
    );
  }
  return lengths.reshape([batch]);
}

/** The rows of targets that are given one after the other: [batch, longest]. */
function rowsOf(targets: Tensor, given: Lengths, { shape }: Tensor): Tensor {
  const lengths = given instanceof Tensor ? [...given.dataSync()] : [given].flat();
  const total = lengths.reduce((a, b) => a + b, 0);
  if (lengths.length !== shape[1] || total !== targets.size) {
    throw new ShapeError(
      op,
      `the targets do not fit, shape ${formatShape(targets.shape)} with ${lengths.length} lengths that add up to ${total}, for log-probabilities ${formatShape(shape)}`,
      "pass them as [batch, longest], or one after the other",
      [targets.shape, shape],
    );
  }
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  let start = 0;
  const positions = lengths.flatMap((length) => {
    const from = start;
    start += length;
    return Array.from({ length: longest }, (_, k) => Math.min(from + k, total - 1));
  });
  const index = tensor(positions, { dtype: "int32", device: targets.device });
  return indexSelect(targets, 0, index).reshape([lengths.length, longest]);
}

/** The targets as [batch, longest], for log-probabilities [time, batch, classes]. */
function padded(targets: Tensor, lengths: Lengths, x: Tensor, isBatched: boolean): Tensor {
  if (targets.ndim === 1) return isBatched ? rowsOf(targets, lengths, x) : targets.unsqueeze(0);
  if (isBatched && targets.ndim === 2 && targets.shape[0] === x.shape[1]) return targets;
  throw new ShapeError(
    op,
    `the targets do not fit the log-probabilities, ${formatShape(targets.shape)} and ${formatShape(x.shape)}`,
    "use [time, batch, classes] with [batch, longest] or all targets in a row, or [time, classes] with [length]",
    [targets.shape, x.shape],
  );
}

/** The states of the paths through each target: its labels, with a blank before, between and after them. */
function statesOf(targets: Tensor, lengths: Tensor, blank: number): Tensor {
  const [batch, longest] = targets.shape as [number, number];
  const { dtype, device } = targets;
  const isLabel = lt(arange(longest, { dtype: "int32", device }), lengths.unsqueeze(1));
  const blanks = full([batch, longest], blank, { dtype, device });
  const pairs = stack([blanks, where(isLabel, targets.detach(), blank)], 2).reshape([batch, 2 * longest]);
  return pad(pairs, [0, 1], { value: blank });
}

/** -log of the probability of each target, [batch]. */
function negativeLogLikelihood(
  x: Tensor,
  targets: Tensor,
  inputLengths: Tensor,
  targetLengths: Tensor,
  blank: number,
): Tensor {
  const [time, batch] = x.shape as [number, number, number];
  const { dtype, device } = x;
  const states = statesOf(targets, targetLengths, blank);
  const width = states.shape[1]!;
  const canSkip = ne(states, pad(states, [2, 0], { value: blank }).narrow(1, 0, width));
  const emissions = stepsOf(gather(x, 2, states.expand([time, batch, width])));
  const times = arange(time, { dtype: "int32", device }).reshape([time, 1, 1]);
  const active = stepsOf(lt(times, inputLengths.reshape([1, batch, 1])));
  // Before the first step, the only state is the first blank.
  let now = pad(zeros([batch, 1], { dtype, device }), [0, width - 1], { value: never });
  const shifts = [zeros([batch, 1], { dtype, device })];
  emissions.forEach((emission, t) => {
    const isActive = active[t]!;
    const shift = shiftOf(amax(now.detach(), 1, { keepDim: true }), isActive);
    shifts.push(shift);
    const before = pad(now, [2, 0], { value: never });
    const [move, skip] = [before.narrow(1, 1, width), before.narrow(1, 0, width)];
    now = step(now, move, skip, canSkip, emission, shift, isActive);
  });
  const last = targetLengths.reshape([batch, 1]).mul(2);
  const label = where(gt(last, 0), gather(now, 1, clamp(last.sub(1), 0)), never);
  const total = sum(cat(shifts, 1), 1, { keepDim: true });
  const likelihood = step(gather(now, 1, last), label, never, 0, total, 0, 1);
  // A certain target costs 0, not -0.
  return likelihood.neg().add(0).reshape([batch]);
}

function ctc(
  logProbs: Tensor,
  targets: Tensor,
  inputs: Lengths,
  lengths: Lengths,
  { blank = 0, zeroInfinity = false, reduction = "mean" }: CtcOptions,
): Tensor {
  const { ndim, shape } = logProbs;
  if (ndim !== 2 && ndim !== 3) {
    throw new ShapeError(
      op,
      `the log-probabilities have shape ${formatShape(shape)}`,
      "use [time, batch, classes] or [time, classes]",
      [shape],
    );
  }
  if (blank >= shape[ndim - 1]!) {
    throw new IndexError(
      op,
      `blank is ${blank}, there are ${shape[ndim - 1]} classes`,
      "it must be one of them",
    );
  }
  const isBatched = ndim === 3;
  const x = isBatched ? logProbs : logProbs.unsqueeze(1);
  const rows = padded(targets, lengths, x, isBatched);
  const inputLengths = lengthsOf("inputLengths", inputs, x, shape[0]!);
  const targetLengths = lengthsOf("targetLengths", lengths, x, rows.shape[1]!);
  const found = negativeLogLikelihood(x, rows, inputLengths, targetLengths, blank);
  const losses = zeroInfinity ? where(found.eq(Number.POSITIVE_INFINITY), 0, found) : found;
  if (reduction !== "mean") return reduced(isBatched ? losses : losses.squeeze(0), reduction);
  return reduced(losses.div(clamp(targetLengths.to(x.dtype), 1)), "mean");
}

const lengthsKind = /* @__PURE__ */ either(count, /* @__PURE__ */ list(count), tensorKind);
const takes: Signature = {
  logProbs: tensorKind,
  targets: tensorKind,
  inputLengths: lengthsKind,
  targetLengths: lengthsKind,
  options: /* @__PURE__ */ optionsOf<CtcOptions>({
    blank: count,
    zeroInfinity: boolean,
    reduction: /* @__PURE__ */ oneOf("mean", "sum", "none"),
  }),
};

/**
 * Connectionist temporal classification: -log of the probability that a sequence of classes, after repetitions are merged and
 * blanks removed, is the target (Graves et al., 2006). Log-probabilities [time, batch, classes] or [time, classes], such as
 * those of `logSoftmax`. Targets are classes other than `blank`, [batch, longest], or [sum of lengths], or [length] for one
 * sequence; what follows the length of a target does not matter. The mean divides each loss by the length of its target, 1 at
 * least, and then by the batch.
 *
 * The gradient is that of the log-probabilities themselves, and has derivatives of every order. An impossible target costs
 * Infinity, with the gradient 0. Targets that are given one after the other need target lengths that can be read at once:
 * numbers, or a tensor on the CPU.
 *
 * @throws ShapeError when targets and lengths do not fit, IndexError when a target is not a class or a length is too large.
 * @example
 * const logProbs = tensor([[0.5, 0.5], [0.5, 0.5]]).log();
 * // Of the four sequences, three mean [1].
 * ctcLoss(logProbs, tensor([1]), 2, 1).exp().item().toFixed(4); // → "1.3333"
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options: CtcOptions = {},
): Tensor {
  checkArguments(op, takes, [logProbs, targets, inputLengths, targetLengths, options]);
  return named(op, () => scoped(() => ctc(logProbs, targets, inputLengths, targetLengths, options)));
}
