import type { Backend, MapProgram, View } from "@thalweg/kernels";
import { isFloating, runMap, ShapeError, sameShape } from "@thalweg/kernels";
import { currentEngine } from "../engine";
import { checkAlive, Tensor } from "../tensor";
import { clone, copying, copyOf } from "./map/clone";
import type { Input } from "./op";
import { commonBackend } from "./operands";
import { broadcastTo, type MapOp } from "./pointwise";
import { checkFloating, commonType, resolveInto } from "./types";

/** Whether two views share memory without being the same view, so that one pass could read what it wrote. */
function clashes(target: Tensor, input: Tensor): boolean {
  const [a, b] = [target.layout, input.layout];
  if (target.storage !== input.storage || a === b) return false;
  return a.offset !== b.offset || !sameShape(a.shape, b.shape) || !sameShape(a.strides, b.strides);
}

function checkTarget(name: string, target: Tensor): void {
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
 * Overwrites `target` with `op(inputs)`, in which it may be an input itself. The others broadcast to its
 * shape. Counts as a write for the version check of `backward`.
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
 * Checks that the elements of a tensor can be copied over those of another, of the same shape, and brings them to its
 * device and type. Writes nothing.
 *
 * @param apart whether something else is written to the source before it is read
 * @returns what copies them, recording nothing; it takes no memory and cannot fail
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

/** Whether the tensors among the inputs are of one backend. */
function isAllOf(backend: Backend, inputs: readonly Input[]): boolean {
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (typeof input === "number") continue;
    if (input?.storage?.backend !== backend || input.storage.isDisposed) return false;
  }
  return true;
}

/**
 * One pass of a program with several outputs over tensors of one shape, written where they stand: what an
 * optimizer does to a parameter and its state. Nothing is recorded.
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
