import type { Backend, Epilogue, Grouping, Operand, View } from "../backend/backend";
import type { MapProgram } from "../scalar/programs/map-program";
import type { ReduceProgram } from "../scalar/programs/reduce-program";
import type { RowProgram } from "../scalar/programs/row-program";
import { contract } from "./contract";
import { type HostCall, unrecorded } from "./recorder";
import { rows } from "./row";

/** {@link Backend.map} as a value. */
export interface MapCall {
  readonly kind: "map";
  readonly backend: Backend;
  readonly program: MapProgram;
  readonly outputs: readonly View[];
  readonly inputs: readonly Operand[];
}

/** {@link Backend.reduce} as a value. */
export interface ReduceCall {
  readonly kind: "reduce";
  readonly backend: Backend;
  readonly program: ReduceProgram;
  readonly out: View;
  readonly inputs: readonly Operand[];
  readonly dims: readonly number[];
}

/** A row program as a value, see {@link RowProgram}. */
export interface RowsCall {
  readonly kind: "rows";
  readonly backend: Backend;
  readonly program: RowProgram;
  readonly outputs: readonly View[];
  readonly inputs: readonly Operand[];
  readonly dim: number;
}

/** A product as a value; without a grouping it is {@link Backend.matmul}. */
export interface MatmulCall {
  readonly kind: "matmul";
  readonly backend: Backend;
  readonly out: View;
  readonly a: View;
  readonly b: View;
  readonly grouping: Grouping | undefined;
  readonly epilogue: Epilogue | undefined;
}

/** Kernels that no pass joins with others. */
export type DirectKind = "argReduce" | "scan" | "argsort" | "gather" | "scatterAdd" | "random";

/** Another kernel of {@link Backend} as a value. */
export type DirectCall = {
  readonly [K in DirectKind]: {
    readonly kind: K;
    readonly backend: Backend;
    readonly args: Parameters<Backend[K]>;
  };
}[DirectKind];

/** One call of a kernel as a value: it can be run at once, wait in a queue, or be recorded. */
export type KernelCall = MapCall | ReduceCall | RowsCall | MatmulCall | DirectCall | HostCall;

/** Runs a call on its backend. */
export function execute(call: KernelCall): void {
  if (call.kind === "host") {
    unrecorded(() => call.run(call.outputs, call.inputs));
    return;
  }
  const { backend } = call;
  switch (call.kind) {
    case "map":
      backend.map(call.program, call.outputs, call.inputs);
      break;
    case "reduce":
      backend.reduce(call.program, call.out, call.inputs, call.dims);
      break;
    case "rows":
      rows(backend, call.program, call.outputs, call.inputs, call.dim);
      break;
    case "matmul":
      if (call.grouping === undefined) backend.matmul(call.out, call.a, call.b, call.epilogue);
      else contract(backend, call.out, call.a, call.b, call.grouping, call.epilogue);
      break;
    default:
      (backend[call.kind] as (...args: unknown[]) => void)(...call.args);
  }
}
