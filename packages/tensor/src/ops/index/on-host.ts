import { recorder, renamed } from "@thalweg/kernels";
import { wrap } from "../../create";
import { checkAlive, type Tensor, type TensorArray } from "../../tensor";

const remedy = "the size of its result depends on the elements: choose with where";

function checkReadable(op: string, x: Tensor): void {
  checkAlive(op, x);
  recorder?.read(op, remedy);
}

/** The elements that determine the size of a result. */
export function read(op: string, x: Tensor): ArrayLike<number> {
  checkReadable(op, x);
  return x.storage.backend.readSync(x, op);
}

/** Does the same as {@link read}, on every device. */
export async function readAsync(op: string, x: Tensor): Promise<TensorArray> {
  checkReadable(op, x);
  return x.data();
}

/** Runs a body that waits, with errors under the name of the function that was called. */
export async function namedAsync<T>(op: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw renamed(error, op);
  }
}

/** A vector of positions on the device of `like`. */
export function positionsLike(like: Tensor, positions: Int32Array): Tensor {
  return wrap(like.storage.backend, "int32", positions, [positions.length]);
}
