import type { NestedArray, Tensor } from "./tensor";

/** {@link Tensor.item} as a function. */
export function item(x: Tensor): number {
  return x.item();
}

/** {@link Tensor.itemAsync} as a function. */
export function itemAsync(x: Tensor): Promise<number> {
  return x.itemAsync();
}

/** {@link Tensor.toArrayAsync} as a function. */
export function toArrayAsync(x: Tensor): Promise<NestedArray> {
  return x.toArrayAsync();
}

/** {@link Tensor.toArray} as a function. */
export function toArray(x: Tensor): NestedArray {
  return x.toArray();
}

/** {@link Tensor.dataSync} as a function. */
export function dataSync(x: Tensor): Float32Array | Float64Array {
  return x.dataSync();
}

/** {@link Tensor.data} as a function. */
export function data(x: Tensor): Promise<Float32Array | Float64Array> {
  return x.data();
}

/** {@link Tensor.isContiguous} as a function. */
export function isContiguous(x: Tensor): boolean {
  return x.isContiguous();
}

/** {@link Tensor.contiguous} as a function. */
export function contiguous(x: Tensor): Tensor {
  return x.contiguous();
}

/** {@link Tensor.detach} as a function. */
export function detach(x: Tensor): Tensor {
  return x.detach();
}
