import { type DType, elementTypes, type ScalarKind, type Shape } from "@thalweg/kernels";

/** The members of a tensor that printing needs. */
interface Printable {
  readonly shape: Shape;
  readonly size: number;
  readonly dtype: DType;
  readonly device: string;
  readonly requiresGrad: boolean;
  readonly node: { readonly name: string } | null;
}

/** Tensors with more elements than this are summarised. */
const threshold = 1000;
/** Number of elements shown at each end of a summarised dimension. */
const edge = 3;
const precision = 4;
const lineWidth = 80;

/** Chooses one width and notation for all numbers that are shown. */
function formatter(values: readonly number[]): (value: number) => string {
  const finite = values.filter(Number.isFinite);
  const sizes = finite.filter((v) => v !== 0).map(Math.abs);
  const max = sizes.reduce((a, b) => Math.max(a, b), 0);
  const min = sizes.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const whole = finite.every(Number.isInteger);
  const scientific = whole ? max >= 1e8 : max >= 1e8 || max / min > 1000 || min < 1e-4;
  const text = (v: number): string => {
    if (Number.isNaN(v)) return "nan";
    if (!Number.isFinite(v)) return v > 0 ? "inf" : "-inf";
    if (scientific) return v.toExponential(precision).replace(/e([+-])(\d)$/, "e$10$2");
    if (whole) return `${Object.is(v, -0) ? "-0" : v}.`;
    return Object.is(v, -0) ? `-${(0).toFixed(precision)}` : v.toFixed(precision);
  };
  return aligned(values, text);
}

/** Pads texts to the same width. */
function aligned(values: readonly number[], text: (value: number) => string): (value: number) => string {
  const width = values.reduce((most, v) => Math.max(most, text(v).length), 0);
  return (v) => text(v).padStart(width);
}

const formatterOf: Readonly<Record<ScalarKind, (values: readonly number[]) => (value: number) => string>> = {
  float: formatter,
  int: (values) => aligned(values, String),
  bool: (values) => aligned(values, (v) => String(v !== 0)),
};

/** Formats a tensor as PyTorch does: aligned columns, nested brackets, and only the ends of long dimensions. */
export function printTensor(tensor: Printable, data: ArrayLike<number>): string {
  const { shape } = tensor;
  const summarise = tensor.size > threshold;
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
  const shown = (dim: number): (number | null)[] => {
    const extent = shape[dim]!;
    if (!summarise || extent <= 2 * edge) return Array.from({ length: extent }, (_, i) => i);
    const ends = Array.from({ length: edge }, (_, i) => i);
    return [...ends, null, ...ends.map((i) => extent - edge + i)];
  };
  const visible: number[] = [];
  const collect = (dim: number, offset: number): void => {
    if (dim === shape.length) visible.push(data[offset]!);
    else for (const i of shown(dim)) if (i !== null) collect(dim + 1, offset + i * strides[dim]!);
  };
  collect(0, 0);
  const format = formatterOf[elementTypes[tensor.dtype].kind](visible);
  const head = "tensor(";
  const text = (dim: number, offset: number): string => {
    if (dim === shape.length) return format(data[offset]!);
    const parts = shown(dim).map((i) => (i === null ? "..." : text(dim + 1, offset + i * strides[dim]!)));
    const indent = " ".repeat(head.length + dim + 1);
    if (dim === shape.length - 1) return `[${wrap(parts, indent)}]`;
    return `[${parts.join(`,${"\n".repeat(shape.length - dim - 1)}${indent}`)}]`;
  };
  const notes: string[] = [];
  if (tensor.size === 0 && shape.length !== 1) notes.push(`size=[${shape.join(", ")}]`);
  if (tensor.dtype === "float64") notes.push(`dtype=${tensor.dtype}`);
  if (tensor.device !== "cpu") notes.push(`device='${tensor.device}'`);
  if (tensor.requiresGrad) {
    notes.push(tensor.node === null ? "requiresGrad=true" : `gradFn=<${tensor.node.name}>`);
  }
  const body = tensor.size === 0 ? "[]" : text(0, 0);
  return `${head}${[body, ...notes].join(", ")})`;
}

function wrap(parts: readonly string[], indent: string): string {
  const perLine = Math.max(1, Math.floor((lineWidth - indent.length) / ((parts[0]?.length ?? 0) + 2)));
  const lines: string[] = [];
  for (let i = 0; i < parts.length; i += perLine) lines.push(parts.slice(i, i + perLine).join(", "));
  return lines.join(`,\n${indent}`);
}
