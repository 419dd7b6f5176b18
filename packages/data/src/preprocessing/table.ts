import { DeviceError, ShapeError, type Tensor, type TensorArray, tensor } from "@thalweg/tensor";
import { formatShape, renamed } from "@thalweg/tensor/internal";
import { DataError } from "../data-error";

/** The numbers of a table, in row-major order. */
export interface Table {
  readonly values: TensorArray;
  readonly rows: number;
  readonly columns: number;
}

/** A number of columns, and what to do where a table has another one. */
export type Width = readonly [columns: number, remedy: string];

/** Throws unless a tensor is a table, of so many columns if that is given. */
export function checkTable(op: string, x: Tensor, width?: Width): void {
  const refuse = (problem: string, remedy: string) => {
    throw new ShapeError(op, `${problem}, got shape ${formatShape(x.shape)}`, remedy, [x.shape]);
  };
  if (x.ndim !== 2) refuse("a table is [rows, columns]", "unsqueeze(1) a vector");
  if (width === undefined || x.shape[1] === width[0]) return;
  const [columns, remedy] = width;
  refuse(`the table must have ${columns} column${columns === 1 ? "" : "s"}`, remedy);
}

/** The numbers of a tensor. */
export function readTable(op: string, x: Tensor): Table {
  const [rows, columns] = x.shape as [number, number];
  try {
    return { values: x.dataSync(), rows, columns };
  } catch (error) {
    if (!(error instanceof DeviceError)) throw renamed(error, op);
    const problem = `the table is on ${x.device}, which is not read at once`;
    throw new DeviceError(op, problem, 'pass await x.toAsync("cpu")');
  }
}

/** The type of results: that of floats, and float32 for others. */
export const floatOf = ({ dtype }: Tensor) => (dtype === "float64" ? "float64" : "float32");

/** A tensor of as many rows as a table, whose numbers `fill` writes. */
export function tableOf(
  op: string,
  rows: number,
  columns: number,
  dtype: "float32" | "float64",
  fill: (out: Float32Array | Float64Array) => void,
): Tensor {
  const numbers = numbersFor(op, rows * columns, dtype);
  fill(numbers);
  return tensor(numbers, { shape: [rows, columns], dtype, device: "cpu" });
}

function numbersFor(op: string, count: number, dtype: "float32" | "float64") {
  try {
    return dtype === "float64" ? new Float64Array(count) : new Float32Array(count);
  } catch {
    throw new DataError(op, `there is no memory for ${count} numbers`, "have fewer columns or categories");
  }
}

/** A column, as numbers of 64 bits. */
export function columnOf({ values, rows, columns }: Table, column: number): Float64Array {
  const found = new Float64Array(rows);
  for (let i = 0; i < rows; i++) found[i] = values[i * columns + column]!;
  return found;
}

/** The values of a column that are not NaN, as numbers of 64 bits. */
export function valuesOf({ values, rows, columns }: Table, column: number): Float64Array {
  const found = new Float64Array(rows);
  let count = 0;
  for (let i = 0; i < rows; i++) {
    const value = values[i * columns + column]!;
    if (!Number.isNaN(value)) found[count++] = value;
  }
  return found.subarray(0, count);
}

/** The mean, exact where all values are the same. */
export function meanOf(values: Float64Array): number {
  const [shift = Number.NaN] = values;
  let sum = 0;
  for (const value of values) sum += value - shift;
  return shift + sum / values.length;
}
