import type { MapProgram } from "../../scalar/program";
import { Access } from "./access";
import type { Compute } from "./compute";
import type { KernelText } from "./kernel";
import type { Slots } from "./slots";
import { components } from "./square";
import { walkOf } from "./walk";

/** Fours of neighbours that a thread does where starting threads is dear. */
export const foursOfThread = 4;

/**
 * The kernel of a map. The first code is four times the number of loops, and 1 if elements are done in fours,
 * or 3 if threads do {@link foursOfThread} of these each; the others are 8·slot + access of each output and input.
 */
export function mapKernel(
  { name, outputs }: MapProgram,
  { text, parameters, fields: numbers }: Compute,
  codes: readonly number[],
  slots: Slots,
): KernelText {
  const quads = codes[0]! % 2 === 1;
  const operands = codes.slice(1).map((code) => ({ access: code & 7, slot: code >> 3 }));
  const strided = operands.filter(({ access }) => access >= Access.strided);
  const rank = codes[0]! >> 2;
  const fours = codes[0]! & 2 ? foursOfThread : 1;
  const walk = walkOf("w", rank, strided.length);
  const starts = operands.flatMap(({ access }, k) =>
    access === Access.dense || access === Access.single ? [`o${k}: i32`] : [],
  );

  /** Where operand k has element i, or the first of the four with that number. */
  const position = (k: number) => {
    const operand = operands[k]!;
    if (operand.access >= Access.strided) return `wp${strided.indexOf(operand)}`;
    return operand.access === Access.dense ? `args.o${k} + i32(i)` : `args.o${k}`;
  };
  /** All four at once. */
  const whole = (k: number) => {
    const { slot, access } = operands[k]!;
    return `b${slot}[${access === Access.row ? `${position(k)} >> 2u` : position(k)}]`;
  };
  /** One of four. */
  const part = (k: number, j: number) => {
    const { slot, access } = operands[k]!;
    if (access !== Access.strided) return `b${slot}[${position(k)} >> 2u][${position(k)} & 3]`;
    const at = `(${position(k)} + ${j} * args.ws${strided.indexOf(operands[k]!)}_${rank - 1})`;
    return `b${slot}[${at} >> 2u][${at} & 3]`;
  };
  const isWhole = (k: number) => operands[k]!.access === Access.dense || operands[k]!.access === Access.row;
  const isMany = (k: number) => isWhole(k) || operands[k]!.access === Access.strided;

  const read = (i: number) => {
    const k = outputs.length + i;
    if (!quads) return `let v${i} = b${operands[k]!.slot}[${position(k)}];`;
    if (isWhole(k)) return `let v${i} = ${whole(k)};`;
    if (!isMany(k)) return `let v${i} = ${part(k, 0)};`;
    return `let v${i} = vec4<f32>(${components.map((_, j) => part(k, j)).join(", ")});`;
  };
  const call = (c: string) => {
    const values = parameters.map((i) => (quads && isMany(outputs.length + i) ? `v${i}.${c}` : `v${i}`));
    return `let r${c} = compute(${values.join(", ")});`;
  };
  const store = (k: number) => {
    if (!quads) return `b${operands[k]!.slot}[${position(k)}] = rx.y${k};`;
    if (!isWhole(k)) return components.map((c, j) => `${part(k, j)} = r${c}.y${k};`).join("\n");
    return `${whole(k)} = vec4<f32>(${components.map((c) => `r${c}.y${k}`).join(", ")});`;
  };
  const body = (i: string) => `{
let i = ${i};
if (i >= args.n) { return; }
${walk.code(quads ? "(4u * i)" : "i")}
${parameters.map(read).join("\n")}
${(quads ? components : ["x"]).map(call).join("\n")}
${outputs.map((_, k) => store(k)).join("\n")}
}`;
  return {
    name: `map ${name}`,
    bindings: slots.bindings(quads ? "vec4<f32>" : "f32"),
    fields: ["n: u32", ...starts, ...numbers, ...walk.fields],
    globals: text,
    body: Array.from({ length: fours }, (_, j) => body(`${fours}u * thread + ${j}u`)).join("\n"),
  };
}
