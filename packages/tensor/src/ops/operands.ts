import type { Backend, DType, Shape } from "@thalweg/kernels";
import { DeviceError, DTypeError, describe, Layout, runFilled } from "@thalweg/kernels";
import { oneCopy, otherCopy } from "../copy";
import { checkAlive, Tensor } from "../tensor";
import type { Input } from "./op";

/** Returns the backend of all inputs. Throws when they are on different devices. */
export function commonBackend(op: string, inputs: readonly Input[]): Backend {
  let first: Tensor | undefined;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (typeof input === "number") continue;
    if (first === undefined) {
      if (!(input instanceof Tensor)) throw notATensor(op, input);
      first = input;
    } else if (input?.storage?.backend !== first.storage.backend) throw mismatch(op, first, input);
    if (input.storage.isDisposed) checkAlive(op, input);
  }
  if (first === undefined) {
    throw new DTypeError(op, "needs at least one tensor, got numbers only", "wrap one of them: tensor(2)");
  }
  return first.storage.backend;
}

function notATensor(op: string, value: unknown): DTypeError {
  const other = otherCopy(value);
  if (other !== undefined) return new DTypeError(op, `a tensor is ${other}`, oneCopy);
  const problem = `operands must be tensors or numbers, got ${describe(value)}`;
  return new DTypeError(op, problem, "create a tensor with tensor(data)");
}

function mismatch(op: string, a: Tensor, b: unknown): Error {
  if (!(b instanceof Tensor)) return notATensor(op, b);
  const shapes = [a.shape, b.shape];
  if (a.device !== b.device) {
    // A tensor on the CPU can be moved to any device synchronously.
    const target = a.device === "cpu" ? b.device : a.device;
    const sides = `operands are on different devices, ${a.device} and ${b.device}`;
    return new DeviceError(op, sides, `move one with .to("${target}")`, shapes);
  }
  const sides = `operands are of two sessions of ${a.device}, before and after it was lost`;
  return new DeviceError(op, sides, "create them again", shapes);
}

/** Allocates a row-major tensor with arbitrary contents; `op` is for errors. */
export function allocate(backend: Backend, dtype: DType, shape: Shape, op?: string): Tensor {
  const layout = Layout.contiguous(shape, op);
  return new Tensor(backend.allocate(dtype, layout.size, shape), layout);
}

/** Allocates a row-major tensor of zeros, with the type and device of another. */
export function allocateZeros({ storage: { backend, dtype } }: Tensor, shape: Shape): Tensor {
  const layout = Layout.contiguous(shape);
  return new Tensor(runFilled(backend, dtype, layout.size, 0, shape), layout);
}
