import { runHost, ThalwegError } from "@thalweg/kernels";
import { Tensor } from "../tensor";
import { amax, amin } from "./reduce/extrema";

function notAProbability(op: string, value: number): ThalwegError {
  return new ThalwegError(op, `a probability is ${value}`, "it must be from 0 to 1");
}

/** Throws if an element is not between 0 and 1. On WebGPU the next read throws instead. */
export function checkProbabilities(op: string, x: Tensor): void {
  const { backend } = x.storage;
  if (x.size > 0) {
    runHost(backend, op, [], [x], (_, [view]) => {
      if (backend.checkProbabilities) {
        backend.checkProbabilities(op, view!, notAProbability);
        return;
      }
      const { storage, layout } = view!;
      const attrs = { dims: x.shape.map((_, d) => d), keepDim: false };
      for (const { op: extreme } of [amin, amax]) {
        // This bypasses the layers, because the result is only checked.
        const value = extreme.forward([new Tensor(storage, layout)], attrs).item();
        if (!(value >= 0 && value <= 1)) throw notAProbability(op, value);
      }
    });
  }
}
