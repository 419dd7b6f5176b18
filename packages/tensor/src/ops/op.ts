import type { Backend, DType } from "@thalweg/kernels";
import { DeviceError, DTypeError, Layout, type Shape, scoped } from "@thalweg/kernels";
import { oneCopy, otherCopy } from "../copy";
import { describe, operation, type Signature } from "../signature";
import { checkAlive, Tensor } from "../tensor";
import type { ErrorSample, SampleDrawer } from "./sample";
import { checkFloating, commonType } from "./types";

/** What an operation takes: tensors, and in map operations plain numbers. */
export type Input = Tensor | number;

/** Families of operations, by how their elements depend on each other. */
export type OpKind = "map" | "reduce" | "view" | "contract" | "index" | "opaque";

/** What a gradient rule is given. Tensors that the rule did not ask to be saved are not there. */
export interface GradientCall<A = unknown> {
  /** Gradient of the result. */
  readonly grad: Tensor;
  readonly attrs: A;
  /** The saved inputs. */
  readonly inputs: readonly (Input | null)[];
  /** The saved result. */
  readonly output: Tensor | null;
  /** Shapes of the inputs; a number has shape []. */
  readonly shapes: readonly Shape[];
  /** For which inputs a gradient is wanted. */
  needs(input: number): boolean;
}

/** What tests are generated from, of everything that computes a tensor from others. */
export interface Computation<A = unknown> {
  readonly name: string;
  readonly kind: OpKind | "composite";
  /** Whether results can carry a gradient at all: comparisons and indices cannot. */
  readonly differentiable: boolean;
  /** Computes the result. */
  forward(inputs: readonly Input[], attrs: A): Tensor;
  /** A random valid call, for generated tests; many have theirs beside them instead, see {@link OpSamples}, and this is left out. */
  readonly sample?: SampleDrawer<A>;
  /** An operation whose valid calls are also this one's; none unless given. */
  readonly sampledAs?: Computation<A>;
  /** Calls that must be refused; none unless given. */
  readonly errors?: readonly ErrorSample[] | undefined;
}

/** A function that is made of operations: its gradients are theirs. */
export interface Composite<A = unknown> extends Computation<A> {
  readonly kind: "composite";
  readonly sample: SampleDrawer<A>;
  /** What it takes, at most four arguments. @internal */
  readonly takes: Signature;
}

/**
 * Everything the library knows about an operation. Passes, tapes and backends ask the record; none of
 * them lists operations by name.
 */
export interface Op<A = unknown> extends Computation<A> {
  readonly kind: OpKind;
  /** Shape of the result; throws where the inputs do not fit. */
  shape(shapes: readonly Shape[], attrs: A): Shape;
  /**
   * Bits of what the gradients of the inputs in `needs` (bits, too) have to have saved: bit i for input i,
   * bit `inputs` for the result.
   */
  saves(needs: number, inputs: number): number;
  /** Gradients of the inputs; they may have the broadcast shape, null stands for none. */
  gradient(call: GradientCall<A>): readonly (Tensor | null)[];
}

/** Which of its tensors a gradient rule reads. */
export interface Saves {
  readonly inputs?: readonly number[] | "all";
  readonly output?: boolean;
}

/** Turns the readable form into {@link Op.saves}. */
function saving(saves: Saves): Op["saves"] {
  return (_, inputs) => {
    let bits = saves.output ? 1 << inputs : 0;
    if (saves.inputs === "all") bits |= (1 << inputs) - 1;
    else for (const i of saves.inputs ?? []) bits |= 1 << i;
    return bits;
  };
}

/** The backend of all the inputs; throws when they differ in device. */
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
    // From the CPU every device is reached at once.
    const target = a.device === "cpu" ? b.device : a.device;
    const sides = `operands are on different devices, ${a.device} and ${b.device}`;
    return new DeviceError(op, sides, `move one with .to("${target}")`, shapes);
  }
  const sides = `operands are of two sessions of ${a.device}, before and after it was lost`;
  return new DeviceError(op, sides, "make them anew", shapes);
}

/** A fresh row-major tensor, to be overwritten as a whole; `op` is for errors. */
export function allocate(backend: Backend, dtype: DType, shape: Shape, op?: string): Tensor {
  const layout = Layout.contiguous(shape, op);
  return new Tensor(backend.allocate(dtype, layout.size, shape), layout);
}

/** A fresh row-major tensor of zeros, in the type and place of another. */
export function allocateZeros({ storage: { backend, dtype } }: Tensor, shape: Shape): Tensor {
  const layout = Layout.contiguous(shape);
  return new Tensor(backend.filled(dtype, layout.size, 0, shape), layout);
}

type Described<A> = Pick<Op<A>, "name" | "gradient"> &
  Partial<Pick<Op<A>, "sample" | "errors">> & { readonly saves?: Saves };

// Weak, since programs make operations too, and forget them.
let records: WeakRef<Op>[] = [];
let most = 1024;

/** Adds a record to those that {@link allOps} lists. */
export function register<R extends Pick<Op, "name">>(record: R): R {
  if (records.length >= most) {
    records = records.filter((known) => known.deref() !== undefined);
    most = 1024 + 2 * records.length;
  }
  records.push(new WeakRef(record as unknown as Op));
  return record;
}

/** The records of all operations that there are, for tests that are generated from them. */
export function allOps(): readonly Op[] {
  return records.flatMap((known) => known.deref() ?? []);
}

const composites: Composite[] = [];

/**
 * A function that is made of operations: what it computes in between is given back as soon as it can be, and tests
 * that are generated from records know it.
 */
export function composite<Arguments extends readonly unknown[], A>(
  compute: (...args: Arguments) => Tensor,
  described: Omit<Composite<A>, "kind" | "differentiable">,
): ((...args: Arguments) => Tensor) & { readonly composite: Composite } {
  const record: Composite<A> = { kind: "composite", differentiable: true, ...described };
  composites.push(record as Composite);
  const run = (...args: Arguments) => scoped(() => compute(...args));
  return Object.assign(operation(described.name, described.takes, run), { composite: record as Composite });
}

/** The records of all functions that are made of operations, for tests that are generated from them. */
export function allComposites(): readonly Composite[] {
  return composites;
}

function complete<A>(described: Described<A>) {
  return { ...described, differentiable: true, saves: saving(described.saves ?? {}) };
}

/** An operation that only looks at the same elements in another way. */
export function viewOp<A>(described: Described<A> & { layout(layout: Layout, attrs: A): Layout }): Op<A> {
  return register<Op<A>>({
    ...complete(described),
    kind: "view",
    shape: ([shape], attrs) => described.layout(Layout.contiguous(shape!), attrs).shape,
    forward([input], attrs) {
      const x = input as Tensor;
      commonBackend(described.name, [x]);
      const layout = described.layout(x.layout, attrs);
      // Kernels believe what a layout says: this is the last place to look.
      layout.checkWithin(described.name, x.storage.size);
      return new Tensor(x.storage, layout);
    },
  });
}

/** Element types that an operation of kernels takes and gives. Unless said otherwise, tensors are of one type. */
export interface OperandTypes {
  /** Whether that type need not be floating; false unless given. */
  readonly any?: boolean;
  /** Which input is an index: whole numbers, of any type but bool; none unless given. */
  readonly index?: number;
  /** Type of the result; that of the first input unless given. */
  readonly result?: DType;
}

/** The type of the result; throws where those of the inputs do not fit. */
function resultType(
  op: string,
  tensors: readonly Tensor[],
  { any = false, index, result }: OperandTypes,
): DType {
  const data = index === undefined ? tensors : tensors.toSpliced(index, 1);
  const dtype = commonType(op, data);
  if (!any) checkFloating(op, data[0]!);
  if (index !== undefined && tensors[index]!.storage.dtype === "bool") {
    throw new DTypeError(op, "an index must be whole numbers, got bool", "choose by a condition with where");
  }
  return result ?? dtype;
}

const floats: OperandTypes = {};

/** An operation that runs kernels: the result is allocated as the shape rule says, then filled by `run`. */
export function kernelOp<A>(
  described: Described<A> &
    Pick<Op<A>, "shape" | "kind"> & {
      readonly differentiable?: boolean;
      /** Which element types it takes; floating ones unless given. */
      readonly types?: OperandTypes;
      run(backend: Backend, out: Tensor, inputs: readonly Tensor[], attrs: A): void;
    },
): Op<A> {
  return register<Op<A>>({
    ...complete(described),
    kind: described.kind,
    shape: described.shape,
    differentiable: described.differentiable ?? true,
    forward(inputs, attrs) {
      const tensors = inputs as readonly Tensor[];
      const backend = commonBackend(described.name, tensors);
      const shapes = new Array<Shape>(tensors.length);
      for (let i = 0; i < tensors.length; i++) shapes[i] = tensors[i]!.layout.shape;
      const dtype = resultType(described.name, tensors, described.types ?? floats);
      const out = allocate(backend, dtype, described.shape(shapes, attrs), described.name);
      described.run(backend, out, tensors, attrs);
      return out;
    },
  });
}

/** Gradient rule of an operation that has none. */
export function noGradient(): readonly null[] {
  return [];
}
