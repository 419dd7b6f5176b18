import type { Tensor } from "../tensor";
import type { Composite, Input, Op } from "./op";

/** Runs an operation: the rest of the stack below a layer. */
export type Run = <A>(op: Op<A>, inputs: Input[], attrs: A) => Tensor;

/** Sees every operation on its way down; calls `next` to go on. It may keep `inputs` and write to it. */
export interface DispatchLayer {
  <A>(op: Op<A>, inputs: Input[], attrs: A, next: Run): Tensor;
  /** Sees every composite, whose operations the layer sees while `run` runs; returns what that returns. */
  composite?: CompositeLayer;
}

/** What a layer does around a composite; `args` are the arguments, undefined where they were left out. */
export type CompositeLayer = (record: Composite, args: readonly unknown[], run: () => Tensor) => Tensor;

const layers: DispatchLayer[] = [];

const bottom: Run = (op, inputs, attrs) => op.forward(inputs, attrs);

let top: Run = bottom;

/** What the layers do around composites; null where none wants to know of them. */
export let around: CompositeLayer | null = null;

function compose(): void {
  top = layers.reduce<Run>((next, layer) => (op, inputs, attrs) => layer(op, inputs, attrs, next), bottom);
  around = layers.reduce<CompositeLayer | null>(
    (next, { composite }) =>
      composite === undefined
        ? next
        : (record, args, run) => composite(record, args, next === null ? run : () => next(record, args, run)),
    null,
  );
}

/** Puts a layer on top of the stack; the function it returns takes it out again. */
export function pushLayer(layer: DispatchLayer): () => void {
  layers.push(layer);
  compose();
  return () => {
    const at = layers.lastIndexOf(layer);
    if (at >= 0) layers.splice(at, 1);
    compose();
  };
}

/**
 * Runs `op` on `inputs` through the stack of layers, down to the kernel. The array of inputs belongs to
 * the call from here on.
 */
export function apply<A>(op: Op<A>, inputs: Input[], attrs: A): Tensor {
  return top(op, inputs, attrs);
}
