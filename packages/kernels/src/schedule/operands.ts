import { isView, type Operand, type View } from "../backend/backend";
import type { DirectCall, KernelCall } from "./call";

/** The views that a call writes. */
export function writtenBy(call: KernelCall): readonly View[] {
  switch (call.kind) {
    case "map":
    case "rows":
    case "host":
      return call.outputs;
    case "reduce":
    case "matmul":
      return [call.out];
    default:
      // The output comes first.
      return viewsAmong(call.args).slice(0, 1);
  }
}

/** The views that a call reads. One that it adds to is among them. */
export function readBy(call: KernelCall): readonly View[] {
  switch (call.kind) {
    case "map":
    case "rows":
    case "reduce":
      return call.inputs.filter(isView);
    case "host":
      return call.inputs;
    case "matmul":
      return [call.a, call.b, ...(call.epilogue?.operands.filter(isView) ?? [])];
    default:
      return viewsAmong(call.args).slice(call.kind === "scatterAdd" ? 0 : 1);
  }
}

/** The operands of a call among which numbers may be; those of a product are its epilogue's. */
export function operandsOf(call: KernelCall): readonly Operand[] {
  if (call.kind === "matmul") return call.epilogue?.operands ?? [];
  return "inputs" in call ? call.inputs : [];
}

/** The call with other views in place of its own. */
export function withViews(call: KernelCall, replace: (view: View) => View): KernelCall {
  const operand = (input: Operand) => (isView(input) ? replace(input) : input);
  switch (call.kind) {
    case "map":
    case "rows":
      return { ...call, outputs: call.outputs.map(replace), inputs: call.inputs.map(operand) };
    case "host":
      return { ...call, outputs: call.outputs.map(replace), inputs: call.inputs.map(replace) };
    case "reduce":
      return { ...call, out: replace(call.out), inputs: call.inputs.map(operand) };
    case "matmul": {
      const { out, a, b, epilogue } = call;
      const operands = epilogue && { ...epilogue, operands: epilogue.operands.map(operand) };
      return { ...call, out: replace(out), a: replace(a), b: replace(b), epilogue: operands };
    }
    default: {
      const args = call.args.map((value) => (isArgumentView(value) ? replace(value) : value));
      return { ...call, args } as unknown as DirectCall;
    }
  }
}

function isArgumentView(value: unknown): value is View {
  return typeof value === "object" && value !== null && "layout" in value;
}

function viewsAmong(args: readonly unknown[]): readonly View[] {
  return args.filter(isArgumentView);
}
