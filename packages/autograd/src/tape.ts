import { type Input, type Op, type Shape, Tensor } from "@thalweg/tensor";
import { type DispatchLayer, isFloating } from "@thalweg/tensor/internal";
import { anomaly } from "./anomaly";
import { mode } from "./mode";
import { type Edge, edgeOf, Node, shown } from "./node";

const scalar: Shape = [];

/** The tensors that need grad and are read while nothing is recorded; null when they are not collected. */
export const spy: { seen: Set<Tensor> | null } = { seen: null };

/**
 * Records how `out` was computed, if any input needs a gradient. Takes over the array of inputs: those that the
 * gradient rule does not read are dropped, unless they are small.
 */
export function record<A>(op: Op<A>, inputs: (Input | null)[], attrs: A, out: Tensor): Node | null {
  const count = inputs.length;
  let edges: (Edge | null)[] | null = null;
  let needs = 0;
  for (let i = 0; i < count; i++) {
    const input = inputs[i];
    if (typeof input !== "object" || input === null) continue;
    const edge = edgeOf(input);
    if (edge === null) continue;
    edges ??= noEdges(count);
    edges[i] = edge;
    needs |= 1 << i;
  }
  if (edges === null) return null;
  const saved = op.saves(needs, count);
  const shapes = new Array<Shape>(count);
  for (let i = 0; i < count; i++) {
    const input = inputs[i];
    if (typeof input !== "object" || input === null) shapes[i] = scalar;
    else {
      shapes[i] = input.layout.shape;
      if ((saved & (1 << i)) === 0 && input.layout.size > shown) inputs[i] = null;
    }
  }
  const node = new Node(op as Op<unknown>, attrs, edges, shapes, inputs, out, saved);
  if (anomaly.look !== null) node.trace = new Error().stack;
  return node;
}

function noEdges(count: number): (Edge | null)[] {
  if (count === 1) return [null];
  return count === 2 ? [null, null] : new Array<Edge | null>(count).fill(null);
}

/** The layer that records. */
export const tape: DispatchLayer = (op, inputs, attrs, next) => {
  const out = next(op, inputs, attrs);
  if (op.kind === "view") noteView(inputs[0] as Tensor, out);
  if (!mode.recording) {
    if (spy.seen !== null) {
      for (const input of inputs) if (input instanceof Tensor && input.requiresGrad) spy.seen.add(input);
    }
    return out;
  }
  if (op.differentiable && isFloating(out.storage.dtype)) {
    const node = record(op, inputs, attrs, out);
    if (node !== null) out.track(node);
  }
  return out;
};

/** A view remembers its base, so that each learns of writes to the other. */
function noteView(input: Tensor, out: Tensor): void {
  if (out.storage !== input.storage || out === input) return;
  const base = input.base ?? input;
  out.base = base;
  out.generation = mode.recording && input.generation >= 0 ? base.generation : -1;
}
