import { type DType, type Tensor, tensor } from "thalweg";
import { expect } from "vitest";
import { decode, type Expected, type Stored } from "./fixture";
import { tolerances } from "./tolerance";

export const dtypes: readonly DType[] = ["float64", "float32"];

/** A leaf with the values of a fixture. */
export const leaf = (stored: Stored, dtype: DType, requiresGrad = false): Tensor =>
  tensor(decode(stored.data), { shape: [...stored.shape], dtype: stored.dtype ?? dtype, requiresGrad });

/** Compares results with a fixture and collects the differences, so that a failure shows all of them. */
export class Comparison {
  readonly #dtype: DType;
  readonly #problems: string[] = [];
  #compared = 0;

  constructor(dtype: DType) {
    this.#dtype = dtype;
  }

  tensor(label: string, actual: Tensor, shape: readonly number[], data: Expected): void {
    if (String(actual.shape) !== String(shape)) {
      this.#problems.push(`${label}: shape [${actual.shape}], PyTorch has [${shape}]`);
    }
    this.numbers(label, actual.dataSync(), data);
  }

  /** A gradient: PyTorch's values in the shape of its tensor. */
  gradient(label: string, of: Tensor, data: Expected | null): void {
    if (data !== null && of.grad) this.tensor(label, of.grad, of.shape, data);
    else if (data !== null) this.#problems.push(`${label}: no gradient`);
    else if (of.grad) this.#problems.push(`${label}: a gradient where PyTorch has none`);
    else this.#compared++;
  }

  numbers(label: string, actual: ArrayLike<number>, data: Expected): void {
    this.#compared++;
    if (actual.length !== data.length) {
      this.#problems.push(`${label}: ${actual.length} values, PyTorch has ${data.length}`);
    }
    data.forEach((value, i) => {
      if (value === null || i >= actual.length) return;
      const expected = this.#dtype === "float32" ? Math.fround(Number(value)) : Number(value);
      if (!close(actual[i]!, expected, this.#dtype)) {
        this.#problems.push(`${label}[${i}]: ${actual[i]}, PyTorch has ${expected}`);
      }
    });
  }

  /** Fails on any difference, and unless exactly `count` tensors were compared. */
  finish(count: number): void {
    expect(this.#problems, this.#problems.join("\n")).toEqual([]);
    expect(this.#compared).toBe(count);
    expect(count).toBeGreaterThan(0);
  }
}

function close(actual: number, expected: number, dtype: DType): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(actual);
  if (!Number.isFinite(expected)) return actual === expected;
  const { relative, absolute } = tolerances[dtype];
  return Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
}
