import type { Shape } from "../errors";
import { Layout } from "../layout/layout";
import type { DType } from "../scalar/dtype";
import type { Backend, View } from "./backend";
import type { Storage } from "./storage";

/** Longest sequence that is kept: 4 MiB. */
const maxKept = 2 ** 20;

/** 0, 1, 2, ... of each type, as far as they were needed. */
const sequences = /* @__PURE__ */ new WeakMap<Backend, Partial<Record<DType, Storage>>>();

function upload(backend: Backend, dtype: DType, count: number): Storage {
  return backend.upload(
    dtype,
    Array.from({ length: count }, (_, i) => i),
  );
}

function sequenceOf(backend: Backend, dtype: DType, count: number): Storage {
  if (count > maxKept) return upload(backend, dtype, count);
  let known = sequences.get(backend);
  if (known === undefined) sequences.set(backend, (known = {}));
  const kept = known[dtype];
  if (kept !== undefined && kept.size >= count) return kept;
  const sequence = upload(backend, dtype, 2 ** Math.ceil(Math.log2(Math.max(64, count))));
  sequence.retain();
  kept?.release();
  known[dtype] = sequence;
  return sequence;
}

/**
 * The position along `dim` of each element of a shape: a view of 0, 1, 2, ... that is repeated along the other
 * dimensions. The sequence is shared and lives as long as the backend, so nothing may be written to it.
 */
export function positions(backend: Backend, dtype: DType, shape: Shape, dim: number): View {
  const strides = shape.map((_, d) => (d === dim ? 1 : 0));
  return { storage: sequenceOf(backend, dtype, shape[dim]!), layout: new Layout(shape, strides) };
}
