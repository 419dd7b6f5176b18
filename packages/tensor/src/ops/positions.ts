import {
  type Backend,
  type DType,
  Layout,
  recorder,
  runUpload,
  type Shape,
  type Storage,
} from "@thalweg/kernels";
import { Tensor } from "../tensor";

/** Longest sequence that is kept: 4 MiB. */
const maxKept = 2 ** 20;

/** 0, 1, 2, ... of each type, as far as they were needed. */
const sequences = /* @__PURE__ */ new WeakMap<Backend, Partial<Record<DType, Storage>>>();

function sequenceOf(backend: Backend, dtype: DType, count: number): Storage {
  const known = sequences.get(backend) ?? {};
  const kept = known[dtype];
  if (kept !== undefined && kept.size >= count) return kept;
  const isKept = count <= maxKept;
  const length = isKept ? 2 ** Math.ceil(Math.log2(count + 64)) : count;
  const sequence = runUpload(
    backend,
    dtype,
    Array.from({ length }, (_, i) => i),
  );
  if (isKept) {
    recorder?.kept(sequence);
    sequence.retain();
    kept?.release();
    sequences.set(backend, { ...known, [dtype]: sequence });
  }
  return sequence;
}

/**
 * The position along `dim` of each element of a shape, on the device of `x`; int32 unless `dtype` is given. It is a view of a
 * sequence that is kept and shared, so nothing may be written to it.
 */
export function positionsAlong(x: Tensor, shape: Shape, dim: number, dtype: DType = "int32"): Tensor {
  const strides = shape.map((_, d) => (d === dim ? 1 : 0));
  return new Tensor(sequenceOf(x.storage.backend, dtype, shape[dim]!), new Layout(shape, strides));
}
