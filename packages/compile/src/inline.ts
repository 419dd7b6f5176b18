import { block, canGenerateCode, depth, minMap, minMatmul, minReduce } from "@thalweg/cpu/internal";
import {
  type Backend,
  contract,
  type KernelCall,
  type MapCall,
  type MatmulCall,
  type ReduceCall,
  rows,
  type Storage,
  sizeOf,
} from "@thalweg/kernels";
import type { RecordedCall } from "./recording";
import { Slot } from "./slot";

/** The least work for WebAssembly. That of a map and of a product is less than in eager mode, since nothing is planned at a launch. */
const least = { map: minMap / 4, reduce: minReduce, matmul: minMatmul / 2 };

/** The calls that are emitted as JavaScript, together with their neighbours. */
export type InlineCall = MapCall | ReduceCall | MatmulCall;

/** Whether a call is of a kind that can be emitted, and so small that WebAssembly would not be faster. */
export function isInline(call: KernelCall): call is InlineCall {
  if (call.backend.device !== "cpu" || !canGenerateCode()) return false;
  switch (call.kind) {
    case "map": {
      const { size } = call.outputs[0]!.layout;
      const { weight } = call.program;
      return (size * (8 + weight)) / 8 < least.map && isNarrow([...call.outputs, ...call.inputs]);
    }
    case "reduce": {
      const shape = shapeOfReduction(call);
      const count = sizeOf(call.dims.map((dim) => shape[dim]!));
      return sizeOf(shape) < least.reduce && count <= block && isNarrow([call.out, ...call.inputs]);
    }
    case "matmul": {
      const { out, a, b, epilogue } = call;
      if (call.grouping !== undefined || !isNarrow([out, a, b, ...(epilogue?.operands ?? [])])) return false;
      return out.layout.size * a.layout.shape.at(-1)! < least.matmul && a.layout.shape.at(-1)! <= depth;
    }
    default:
      return false;
  }
}

/** The shape of the inputs of a reduction. */
export function shapeOfReduction({ inputs, out }: ReduceCall): readonly number[] {
  for (const input of inputs) if (typeof input === "object") return input.layout.shape;
  return out.layout.shape;
}

/** Whether no operand is of float64, which the reference computes. */
function isNarrow(operands: readonly unknown[]): boolean {
  return operands.every(
    (operand) => typeof operand !== "object" || (operand as { storage: Storage }).storage.dtype !== "float64",
  );
}

/** Takes calls apart that consist of others, where these are small enough to be emitted. */
export function expanded(recorded: RecordedCall): RecordedCall[] {
  const { call } = recorded;
  const isComposed = call.kind === "rows" || (call.kind === "matmul" && call.grouping !== undefined);
  if (!isComposed || recorded.numbers !== undefined || recorded.isAgain) return [recorded];
  const calls: KernelCall[] = [];
  const { backend } = call;
  const spy = {
    device: backend.device,
    allocate: (dtype: Slot["dtype"], size: number) => Slot.of(backend, dtype, size) as unknown as Storage,
    map: (program, outputs, inputs) => {
      calls.push({ kind: "map", backend, program, outputs, inputs });
    },
    reduce: (program, out, inputs, dims) => {
      calls.push({ kind: "reduce", backend, program, out, inputs, dims });
    },
    matmul: (out, a, b, epilogue) => {
      calls.push({ kind: "matmul", backend, out, a, b, grouping: undefined, epilogue });
    },
  } satisfies Partial<Backend> as unknown as Backend;
  if (call.kind === "rows") rows(spy, call.program, call.outputs, call.inputs, call.dim);
  else contract(spy, call.out, call.a, call.b, call.grouping!, call.epilogue);
  return calls.every(isInline) ? calls.map((call) => ({ call })) : [recorded];
}
