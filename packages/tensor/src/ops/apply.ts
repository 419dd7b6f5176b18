import type { Tensor } from "../tensor";
import type { Input, Op } from "./op";

/** Runs an operation: the rest of the stack below a layer. */
export type Run = <A>(op: Op<A>, inputs: Input[], attrs: A) => Tensor;

/** Sees every operation on its way down; calls `next` to go on. It may keep `inputs` and write to it. */
export type DispatchLayer = <A>(op: Op<A>, inputs: Input[], attrs: A, next: Run) => Tensor;

const layers: DispatchLayer[] = [];

const bottom: Run = (op, inputs, attrs) => op.forward(inputs, attrs);

let top: Run = bottom;

function compose(): void {
  top = layers.reduce<Run>((next, layer) => (op, inputs, attrs) => layer(op, inputs, attrs, next), bottom);
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
