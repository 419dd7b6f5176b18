import {
  type Backend,
  type DType,
  DTypeError,
  dtypeOf,
  elementTypes,
  isConvertible,
  isFloating,
  isInt32,
  type MapProgram,
  newTier,
  promote,
  type ReduceProgram,
  type ScalarKind,
  typedMap,
  typedReduction,
} from "@thalweg/kernels";
import { Tensor } from "../tensor";
import type { Input } from "./op";

/** A program typed for its operands, and the element type of its result. */
export interface Resolved {
  readonly program: MapProgram;
  readonly dtype: DType;
}

/** As {@link Resolved}, a reduction. */
export interface ResolvedReduction {
  readonly program: ReduceProgram;
  readonly dtype: DType;
}

const tier = newTier();

function isAllFloat32(inputs: readonly Input[]): boolean {
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (typeof input !== "number" && input.storage.dtype !== "float32") return false;
  }
  return true;
}

function kindOf(input: Input): ScalarKind {
  if (typeof input === "number") return isInt32(input) ? "int" : "float";
  return elementTypes[input.storage.dtype].kind;
}

/**
 * The floating type of the operands. Tensors without dimensions count only if no other operand is floating. Without a
 * floating operand it is float32.
 */
function floatType(inputs: readonly Input[]): DType {
  const tensors = inputs.filter((input) => typeof input !== "number" && isFloating(input.dtype)) as Tensor[];
  const wide = tensors.filter(({ ndim }) => ndim > 0);
  const types = (wide.length > 0 ? wide : tensors).map(({ dtype }) => dtype);
  return types.length === 0 ? "float32" : types.reduce(promote);
}

const typeOf = (kind: ScalarKind, inputs: readonly Input[]): DType => dtypeOf(kind, floatType(inputs));

/**
 * The backend of the operands in the usual case, where all are alive, float32 and on one device. Null in other cases, and
 * for a value that is not an operand.
 */
export function plainBackend(inputs: readonly Input[]): Backend | null {
  let backend: Backend | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (typeof input === "number") continue;
    if (!(input instanceof Tensor)) return null;
    const { storage } = input;
    if (storage.dtype !== "float32" || storage.isDisposed) return null;
    if (backend === null) ({ backend } = storage);
    else if (storage.backend !== backend) return null;
  }
  return backend;
}

/**
 * Returns the program for the types of the operands, which promote as in PyTorch.
 *
 * @param plain whether the operands are known to be float32
 */
export function resolve(
  program: MapProgram,
  inputs: readonly Input[],
  plain: boolean = isAllFloat32(inputs),
): Resolved {
  if (!plain) return typedFor(program, inputs, kindOf);
  return ((program.compiled[tier] ??= [typedFor(program, inputs, () => "float")]) as [Resolved])[0];
}

function typedFor(
  program: MapProgram,
  inputs: readonly Input[],
  kind: (input: Input) => ScalarKind,
): Resolved {
  const typed = typedMap(program, inputs.map(kind));
  return { program: typed.program, dtype: typeOf(typed.kinds[0]!, inputs) };
}

/** As {@link resolve}, a reduction; its numbers are floats. */
export function resolveReduction(
  program: ReduceProgram,
  inputs: readonly Input[],
  plain: boolean,
): ResolvedReduction {
  if (!plain) return reductionFor(program, inputs);
  return ((program.compiled[tier] ??= [reductionFor(program, inputs)]) as [ResolvedReduction])[0];
}

function reductionFor(program: ReduceProgram, inputs: readonly Input[]): ResolvedReduction {
  const kinds = inputs.map((input) => (typeof input === "number" ? "float" : kindOf(input)));
  const typed = typedReduction(program, kinds);
  return { program: typed.program, dtype: typeOf(typed.kind, inputs) };
}

/**
 * Returns the program that computes in the types of the inputs, and converts the result to the type of `target`.
 *
 * @param anyKind whether any conversion is allowed, as in copies
 * @throws DTypeError when the type of the target cannot hold the result
 */
export function resolveInto(
  name: string,
  program: MapProgram,
  target: Tensor,
  inputs: readonly Input[],
  anyKind: boolean,
): MapProgram {
  if (target.storage.dtype === "float32" && isAllFloat32(inputs)) return program;
  const { kind } = elementTypes[target.dtype];
  const kinds = inputs.map(kindOf);
  const found = typedMap(program, kinds).kinds[0]!;
  if (!anyKind && !isConvertible(found, kind)) {
    throw new DTypeError(
      name,
      `the result is ${typeOf(found, inputs)}, and the target is ${target.dtype}`,
      `convert it first with .to("${typeOf(found, inputs)}")`,
      [target.shape],
    );
  }
  return typedMap(program, kinds, [kind]).program;
}

/** Returns the common type of the tensors. Throws where they differ. */
export function commonType(op: string, tensors: readonly Tensor[]): DType {
  const { dtype } = tensors[0]!.storage;
  for (let i = 1; i < tensors.length; i++) {
    const other = tensors[i]!;
    if (other.storage.dtype === dtype) continue;
    throw new DTypeError(
      op,
      `operands differ in type, ${dtype} and ${other.dtype}`,
      `convert one with .to("${dtype}")`,
      [tensors[0]!.shape, other.shape],
    );
  }
  return dtype;
}

/** Throws unless one of the tensors is floating. */
export function checkAnyFloating(op: string, inputs: readonly Input[]): void {
  const tensors = inputs.filter((input) => typeof input !== "number");
  if (!tensors.some(({ storage }) => isFloating(storage.dtype))) checkFloating(op, tensors[0]!);
}

/** Throws unless the type is floating. */
export function checkFloating(op: string, x: Tensor): void {
  if (isFloating(x.storage.dtype)) return;
  throw new DTypeError(op, `needs floating point numbers, got ${x.dtype}`, 'convert it with .to("float32")', [
    x.shape,
  ]);
}
