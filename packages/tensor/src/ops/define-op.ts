import type { Backend, DType, Shape } from "@thalweg/kernels";
import { DTypeError, Layout, scoped } from "@thalweg/kernels";
import { operation } from "../signature";
import { Tensor } from "../tensor";
import { around } from "./apply";
import type { Composite, Op, Saves } from "./op";
import { allocate, commonBackend } from "./operands";
import { register, registerComposite } from "./registry";
import { checkFloating, commonType, plainBackend } from "./types";

type Described<A> = Pick<Op<A>, "name" | "gradient"> &
  Partial<Pick<Op<A>, "sample" | "errors">> & { readonly saves?: Saves };

/** Converts a {@link Saves} to the bits of {@link Op.saves}. */
function saving(saves: Saves): Op["saves"] {
  return (_, inputs) => {
    let bits = saves.output ? 1 << inputs : 0;
    if (saves.inputs === "all") bits |= (1 << inputs) - 1;
    else for (const i of saves.inputs ?? []) bits |= 1 << i;
    return bits;
  };
}

/**
 * Makes a function of operations. Its intermediate results are freed as soon as possible, layers see it around its
 * operations, and generated tests cover it.
 */
export function composite<Arguments extends readonly unknown[], A>(
  compute: (...args: Arguments) => Tensor,
  described: Omit<Composite<A>, "kind" | "differentiable">,
): ((...args: Arguments) => Tensor) & { readonly composite: Composite } {
  const record: Composite<A> = { kind: "composite", differentiable: true, ...described };
  registerComposite(record as Composite);
  const length = Object.keys(described.takes).length;
  const plain = (...args: Arguments) => scoped(() => compute(...args));
  const run = (...args: Arguments) =>
    around === null
      ? plain(...args)
      : around(record as Composite, args.slice(0, length), () => plain(...args));
  return Object.assign(operation(described.name, described.takes, run), { composite: record as Composite });
}

function complete<A>(described: Described<A>) {
  return { ...described, differentiable: true, saves: saving(described.saves ?? {}) };
}

/** Makes the record of a view: another layout over the same storage. */
export function viewOp<A>(described: Described<A> & { layout(layout: Layout, attrs: A): Layout }): Op<A> {
  return register<Op<A>>({
    ...complete(described),
    kind: "view",
    shape: ([shape], attrs) => described.layout(Layout.contiguous(shape!), attrs).shape,
    forward([input], attrs) {
      const x = input as Tensor;
      commonBackend(described.name, [x]);
      const layout = described.layout(x.layout, attrs);
      // Kernels trust layouts, so this is the last chance to check one.
      layout.checkWithin(described.name, x.storage.size);
      return new Tensor(x.storage, layout);
    },
  });
}

/** Element types of the operands and of the result. The operands have the same type, except an index. */
export interface OperandTypes {
  /** Whether the operands may have any type; false unless given, for floating types only. */
  readonly any?: boolean;
  /** The input that is an index, with whole numbers of any type but bool; none unless given. */
  readonly index?: number;
  /** Type of the result; that of the first input unless given. */
  readonly result?: DType;
}

/** The type of the result. Throws where the types of the inputs do not fit. */
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

/** Makes the record of an operation with kernels. The shape rule determines the result, and `run` fills it. */
export function kernelOp<A>(
  described: Described<A> &
    Pick<Op<A>, "shape" | "kind"> & {
      readonly differentiable?: boolean;
      /** Element types that it takes; one floating type unless given. */
      readonly types?: OperandTypes;
      run(backend: Backend, out: Tensor, inputs: readonly Tensor[], attrs: A): void;
    },
): Op<A> {
  const { name, types = floats } = described;
  const { result: floatResult = "float32" } = types;
  return register<Op<A>>({
    ...complete(described),
    kind: described.kind,
    shape: described.shape,
    differentiable: described.differentiable ?? true,
    forward(inputs, attrs) {
      const tensors = inputs as readonly Tensor[];
      const plain = plainBackend(tensors);
      const backend = plain ?? commonBackend(name, tensors);
      const shapes = new Array<Shape>(tensors.length);
      for (let i = 0; i < tensors.length; i++) shapes[i] = tensors[i]!.layout.shape;
      const dtype = plain === null ? resultType(name, tensors, types) : floatResult;
      const out = allocate(backend, dtype, described.shape(shapes, attrs), name);
      described.run(backend, out, tensors, attrs);
      return out;
    },
  });
}

/** The gradient rule of an operation without a gradient. */
export function noGradient(): readonly null[] {
  return [];
}
