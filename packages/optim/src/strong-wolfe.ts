import type { Evaluation } from "./define-closure-optimizer";
import { dot, largestSize, type Vector } from "./lbfgs-vectors";

/** A point on the line of a search: its position, and the loss and gradients there. */
export interface Point extends Evaluation {
  readonly t: number;
  /** Derivative along the line. */
  readonly slope: number;
}

// These are PyTorch's values.
/** The fraction of the fall promised by the slope that is enough (Armijo). */
const c1 = 1e-4;
/** The fraction of the slope that may remain. */
const c2 = 0.9;
/** The least length of an interval, as a change of a parameter. */
const leastChange = 1e-9;
const mostEvaluations = 25;

/** Minimum of the cubic through two points with their slopes, limited; the middle where it has none. */
function cubicMinimum(a: Point, b: Point, low = Math.min(a.t, b.t), high = Math.max(a.t, b.t)): number {
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const [near, far] = a.t <= b.t ? [a, b] : [b, a];
  const minimum = far.t - (far.t - near.t) * ((far.slope + d2 - d1) / (far.slope - near.slope + 2 * d2));
  return Math.min(Math.max(minimum, low), high);
}

/**
 * Looks along a direction for a point that fulfils the strong Wolfe conditions (Nocedal and Wright, 2006,
 * algorithms 3.5 and 3.6), as in PyTorch: first for an interval that holds one, then within it.
 *
 * @param start the point at t = 0
 * @param first the step to try first
 * @param at evaluates the point t along the direction
 */
export function strongWolfe(
  direction: Vector,
  start: Point,
  first: number,
  at: (t: number) => Evaluation,
): Point {
  const visit = (t: number): Point => {
    const { loss, grads } = at(t);
    return { t, loss, grads, slope: dot(grads, direction) };
  };
  const isTooHigh = ({ loss, t }: Point) => loss > start.loss + c1 * t * start.slope;
  const isFlat = ({ slope }: Point) => Math.abs(slope) <= -c2 * start.slope;

  let previous = start;
  let point = visit(first);
  let count = 0;
  let bracket: [Point, Point] | null = null;
  for (; count < mostEvaluations; count++) {
    if (isTooHigh(point) || (count > 1 && point.loss >= previous.loss)) bracket = [previous, point];
    else if (isFlat(point)) return point;
    else if (point.slope >= 0) bracket = [previous, point];
    if (bracket !== null) break;
    const { t } = point;
    const next = cubicMinimum(previous, point, t + 0.01 * (t - previous.t), t * 10);
    previous = point;
    point = visit(next);
  }
  if (bracket === null) return start.loss <= point.loss ? start : point;
  return zoom(bracket, count, { direction, visit, isTooHigh, isFlat });
}

interface Line {
  readonly direction: Vector;
  visit(t: number): Point;
  isTooHigh(point: Point): boolean;
  isFlat(point: Point): boolean;
}

function zoom(bracket: [Point, Point], count: number, line: Line): Point {
  const { direction, visit, isTooHigh, isFlat } = line;
  const width = largestSize(direction);
  const lower = () => (bracket[0].loss <= bracket[1].loss ? 0 : 1);
  let low: 0 | 1 = lower();
  let wasSlow = false;
  for (; count < mostEvaluations; count++) {
    const high = low === 0 ? 1 : 0;
    const [left, right] = bracket.map(({ t }) => t).sort((a, b) => a - b) as [number, number];
    if ((right - left) * width < leastChange) break;
    let t = cubicMinimum(...bracket);
    // A point close to an end makes little progress: the second time, a tenth of the interval is taken.
    const margin = 0.1 * (right - left);
    const isSlow = Math.min(right - t, t - left) < margin;
    const isMoved: boolean = isSlow && (wasSlow || t >= right || t <= left);
    if (isMoved) t = Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin;
    wasSlow = isSlow && !isMoved;

    const point = visit(t);
    if (isTooHigh(point) || point.loss >= bracket[low].loss) {
      bracket[high] = point;
      low = lower();
      continue;
    }
    if (isFlat(point)) return point;
    if (point.slope * (bracket[high].t - bracket[low].t) >= 0) bracket[high] = bracket[low];
    bracket[low] = point;
  }
  return bracket[low];
}
