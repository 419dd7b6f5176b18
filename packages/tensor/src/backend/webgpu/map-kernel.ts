import type { MapProgram } from "../../scalar/program";
import { Access } from "./access";
import type { Compute } from "./compute";
import type { KernelText } from "./kernel";
import type { Slots } from "./slots";
import { walkOf } from "./walk";

/** Threads of a workgroup. */
export const threads = 64;

const components = ["x", "y", "z", "w"];

/**
 * The kernel of a map. Of the codes the first is 1 for four elements a thread, or twice the number of
 * loops; the others are 4·slot + access of each output and input.
 */
export function mapKernel(
  { name, outputs }: MapProgram,
  { text, parameters, fields: numbers }: Compute,
  codes: readonly number[],
  slots: Slots,
): KernelText {
  const quads = codes[0] === 1;
  const operands = codes.slice(1).map((code) => ({ access: code & 3, slot: code >> 2 }));
  const strided = operands.filter(({ access }) => access === Access.strided);
  const walk = walkOf("w", codes[0]! >> 1, strided.length);
  const starts = operands.flatMap(({ access }, k) =>
    access === Access.dense || access === Access.single ? [`o${k}: i32`] : [],
  );

  /** Where operand k has its element i. */
  const position = (k: number) => {
    const operand = operands[k]!;
    if (operand.access === Access.strided) return `wp${strided.indexOf(operand)}`;
    return operand.access === Access.dense ? `args.o${k} + i32(i)` : `args.o${k}`;
  };
  const read = parameters.map((i) => {
    const k = outputs.length + i;
    const { slot, access } = operands[k]!;
    const at = position(k);
    const isQuad = quads && access === Access.dense;
    return {
      line: `let v${i} = ${quads && !isQuad ? `b${slot}[${at} / 4][${at} % 4]` : `b${slot}[${at}]`};`,
      value: (c: string) => (isQuad ? `v${i}.${c}` : `v${i}`),
    };
  });
  const call = (c: string) => `let r${c} = compute(${read.map(({ value }) => value(c)).join(", ")});`;
  const store = (k: number) => {
    const value = quads ? `vec4<f32>(${components.map((c) => `r${c}.y${k}`).join(", ")})` : `rx.y${k}`;
    return `b${operands[k]!.slot}[${position(k)}] = ${value};`;
  };
  return {
    name: `map ${name}`,
    bindings: slots.bindings(quads ? "vec4<f32>" : "f32"),
    fields: ["n: u32", ...starts, ...numbers, ...walk.fields],
    threads,
    globals: text,
    body: `let i = group * ${threads}u + lane;
if (i >= args.n) { return; }
${walk.code("i")}
${read.map(({ line }) => line).join("\n")}
${(quads ? components : ["x"]).map(call).join("\n")}
${outputs.map((_, k) => store(k)).join("\n")}`,
  };
}
