import { type Tensor, tensor } from "thalweg";
import { gridSize, type Region, valueAt } from "./region";

/** A function of two numbers, element by element over tensors of the same shape. */
export type Surface = (x: Tensor, y: Tensor) => Tensor;

/** The height at each place of the grid of a region, row by row, from the lowest y up. */
export function heightsOf(surface: Surface, { x, y }: Region): Float32Array {
  const indices = Array.from({ length: gridSize }, (_, i) => i);
  const across = tensor(indices.map((i) => valueAt(x, i)));
  // Tensors as small as a row need no WebAssembly, which would have to be fetched first.
  const rows = indices.map((j) => surface(across, across.mul(0).add(valueAt(y, j))).dataSync());
  return Float32Array.from(rows.flatMap((row) => [...row]));
}
