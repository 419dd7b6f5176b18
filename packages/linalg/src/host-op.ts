import {
  type Backend,
  DeviceError,
  type DType,
  DTypeError,
  Layout,
  type Op,
  type Shape,
  Tensor,
  tensor,
} from "@thalweg/tensor";
import { isFloating, runHost } from "@thalweg/tensor/internal";
import { LinAlgError } from "./linalg-error";

/** One matrix of a batch, in row-major order. The elements are a copy, which a kernel may overwrite. */
export interface Matrix {
  readonly elements: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** Thrown by a kernel whose matrix has no result; the text is the end of an error message. */
export class Refusal {
  readonly problem: string;
  readonly remedy: string;

  constructor(problem: string, remedy: string) {
    this.problem = problem;
    this.remedy = remedy;
  }
}

interface Described<A> extends Pick<Op<A>, "name" | "shape" | "gradient"> {
  /** What the gradient rule reads; nothing unless given. */
  readonly saves?: "inputs" | "output" | "all";
  readonly differentiable?: boolean;
  /** Type of the result; that of the inputs unless given. */
  readonly result?: DType;
  /** Computes the part of the result that belongs to one matrix of each input. */
  compute(attrs: A, ...matrices: readonly Matrix[]): ArrayLike<number>;
}

/**
 * Makes an operation that JavaScript computes in float64, matrix by matrix, and rounds once. Its inputs are
 * [..., rows, columns], with the same leading dimensions, and so is its result.
 */
// @__NO_SIDE_EFFECTS__
export function hostOp<A>({ saves, compute, result, ...described }: Described<A>): Op<A> {
  const { name } = described;
  return {
    differentiable: true,
    ...described,
    kind: "opaque",
    saves: (_, inputs) => {
      const output = saves === "output" || saves === "all" ? 1 << inputs : 0;
      return saves === "inputs" || saves === "all" ? output | ((1 << inputs) - 1) : output;
    },
    forward(inputs, attrs) {
      const tensors = inputs as readonly Tensor[];
      const backend = check(name, tensors);
      const shape = described.shape(
        tensors.map((x) => x.shape),
        attrs,
      );
      const layout = Layout.contiguous(shape);
      const dtype = result ?? tensors[0]!.dtype;
      const out = new Tensor(backend.allocate(dtype, layout.size, shape), layout);
      runHost(backend, name, [out], tensors, ([to], from) => {
        const values = elementsOf(from.map(({ storage, layout: of }) => new Tensor(storage, of)));
        const data = inBatches(name, values, layout.size, (matrices) => compute(attrs, ...matrices));
        new Tensor(to!.storage, to!.layout).copy_(tensor(data, { shape, dtype }));
      });
      return out;
    },
  };
}

function check(op: string, inputs: readonly Tensor[]): Backend {
  const [first] = inputs;
  for (const x of inputs) {
    if (x.device !== "cpu") {
      throw new DeviceError(
        op,
        `computes on the CPU only, the tensor is on ${x.device}`,
        'copy it with await x.toAsync("cpu")',
        [x.shape],
      );
    }
    if (!isFloating(x.dtype)) {
      throw new DTypeError(
        op,
        `needs floating point numbers, got ${x.dtype}`,
        'convert it with .to("float32")',
        [x.shape],
      );
    }
    if (x.dtype !== first!.dtype) {
      const problem = `operands differ in type, ${first!.dtype} and ${x.dtype}`;
      throw new DTypeError(op, problem, `convert one with .to("${first!.dtype}")`, [first!.shape, x.shape]);
    }
  }
  return first!.storage.backend;
}

interface Elements {
  readonly elements: Float64Array;
  readonly shape: Shape;
}

const elementsOf = (inputs: readonly Tensor[]): Elements[] =>
  inputs.map((x) => ({ elements: Float64Array.from(x.dataSync()), shape: x.shape }));

function inBatches(
  op: string,
  inputs: readonly Elements[],
  size: number,
  compute: (matrices: readonly Matrix[]) => ArrayLike<number>,
): Float64Array {
  const out = new Float64Array(size);
  const count = inputs[0]!.shape.slice(0, -2).reduce((a, b) => a * b, 1);
  for (let i = 0; i < count; i++) {
    const matrices = inputs.map(({ elements, shape }) => {
      const [rows, columns] = shape.slice(-2) as [number, number];
      const length = rows * columns;
      return { elements: elements.slice(i * length, (i + 1) * length), rows, columns };
    });
    try {
      out.set(compute(matrices), (size / count) * i);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const which = count > 1 ? `matrix ${i} of the batch` : "the matrix";
      const shapes = inputs.map(({ shape }) => shape);
      throw new LinAlgError(op, `${which} ${error.problem}`, error.remedy, shapes);
    }
  }
  return out;
}

/** The gradient rule of an operation without a gradient. */
export const noGradient = (): readonly null[] => [];
