import type { Tensor } from "../tensor";
import type { Composite, Input, Op } from "./op";

/** Runs an operation in the rest of the stack, below a layer. */
export type Run = <A>(op: Op<A>, inputs: Input[], attrs: A) => Tensor;

/** A layer of the stack. It is called with every operation, and calls `next` to go on. It may keep and change `inputs`. */
export interface DispatchLayer {
  <A>(op: Op<A>, inputs: Input[], attrs: A, next: Run): Tensor;
  /** Called around every composite. `run` runs its operations, which the layer sees too; its result is returned. */
  composite?: CompositeLayer;
}

/** Runs a composite. `args` are its arguments, undefined where they were left out. */
export type CompositeLayer = (record: Composite, args: readonly unknown[], run: () => Tensor) => Tensor;

const layers: DispatchLayer[] = [];

const bottom: Run = (op, inputs, attrs) => op.forward(inputs, attrs);

let top: Run = bottom;

/** The composed `composite` of all layers; null where no layer has one. */
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

/** Pushes a layer onto the stack. Returns a function that removes it. */
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
 * Runs `op` on `inputs` through the stack of layers, down to the kernel. The array of inputs belongs to the call: the
 * caller must not use it again.
 */
export function apply<A>(op: Op<A>, inputs: Input[], attrs: A): Tensor {
  return top(op, inputs, attrs);
}
