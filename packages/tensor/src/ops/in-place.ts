import type { Backend, MapProgram, View } from "@thalweg/kernels";
import { isFloating, runMap, ShapeError, sameLayout } from "@thalweg/kernels";
import { currentEngine } from "../engine";
import { checkAlive, Tensor } from "../tensor";
import { clone, copying, copyOf } from "./map/clone";
import type { Input } from "./op";
import { commonBackend } from "./operands";
import { broadcastTo, type MapOp } from "./pointwise";
import { checkFloating, commonType, resolveInto } from "./types";

/** Whether two different views may share memory, so that a pass could read elements that it has already written. */
function clashes(target: Tensor, input: Tensor): boolean {
  return target.storage === input.storage && !sameLayout(target.layout, input.layout);
}

/** Throws unless the tensor can be written to. */
export function checkTarget(name: string, target: Tensor): void {
  checkAlive(name, target);
  if (!target.layout.isContiguous && target.layout.overlaps) {
    throw new ShapeError(
      name,
      "several elements of the target share one memory location, it was expanded",
      "write to clone() of it",
      [target.shape],
    );
  }
}

/**
 * Overwrites `target` with `op(inputs)`. The target may be an input too; inputs broadcast to its shape. Counts as a write
 * for the version check of `backward`.
 */
export function applyInPlace(op: MapOp, target: Tensor, inputs: Input[], name: string): Tensor {
  checkTarget(name, target);
  const { backend } = target.storage;
  const operands = new Array<View | number>(inputs.length);
  let tracked = target.requiresGrad || target.base?.requiresGrad === true;
  for (let i = 0; i < inputs.length; i++) {
    let input = inputs[i]!;
    if (typeof input !== "number") {
      if (!(input instanceof Tensor) || input.storage.backend !== backend || input.storage.isDisposed) {
        commonBackend(name, [target, ...inputs]);
      }
      tracked ||= input.requiresGrad;
      if (clashes(target, input)) input = copyOf(input);
    }
    operands[i] = broadcastTo(name, input, target.layout);
  }
  const program = resolveInto(name, op.program, target, inputs, op === clone.op);
  const write = () => {
    runMap(backend, program, [target], operands);
    target.storage.version++;
  };
  const engine = currentEngine();
  if (engine !== null && tracked && isFloating(target.dtype))
    engine.inPlace(target, { name, op, inputs, write });
  else write();
  return target;
}

/**
 * Prepares a copy to a tensor of the same shape: checks both tensors, and brings the source to the device of the target.
 * Writes nothing.
 *
 * @param apart whether the source may be overwritten before the copy runs; false unless given
 * @returns a function that copies and records nothing; it allocates nothing and cannot fail
 */
export function prepareCopy(name: string, target: Tensor, source: Tensor, apart = false): () => void {
  checkTarget(name, target);
  checkAlive(name, source);
  const { backend } = target.storage;
  let from = source.detach();
  if (from.storage.backend !== backend) from = from.to(target.dtype).to(backend.device);
  else if (apart || clashes(target, from)) from = copyOf(from);
  commonBackend(name, [target, from]);
  const program = copying(from.dtype, target.dtype);
  return () => {
    runMap(backend, program, [target], [from]);
    target.storage.version++;
  };
}

/** Whether all tensors among the inputs are alive and on `backend`. */
function isAllOf(backend: Backend, inputs: readonly Input[]): boolean {
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (typeof input === "number") continue;
    if (input?.storage?.backend !== backend || input.storage.isDisposed) return false;
  }
  return true;
}

/**
 * Runs a program with several outputs in one pass over tensors of the same shape, and writes the results to `targets`.
 * Optimizers update a parameter and its state this way. Nothing is recorded.
 */
export function updateInPlace(
  program: MapProgram,
  targets: readonly Tensor[],
  inputs: readonly Input[],
): void {
  const { backend } = targets[0]!.storage;
  for (const target of targets) checkTarget(program.name, target);
  if (!isAllOf(backend, targets) || !isAllOf(backend, inputs)) {
    commonBackend(program.name, [...targets, ...inputs]);
  }
  checkFloating(program.name, targets[0]!);
  commonType(program.name, targets);
  runMap(backend, program, targets, inputs);
  for (const target of targets) target.storage.version++;
}
