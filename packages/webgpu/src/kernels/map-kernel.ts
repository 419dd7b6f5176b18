import { type Chain, outputOf } from "@thalweg/kernels";
import type { KernelText } from "../device/kernel";
import type { Slots } from "../device/slots";
import { components } from "../matmul/square";
import { Access } from "../wgsl/access";
import type { Compute } from "../wgsl/compute";
import { elementsOf, scalarType } from "../wgsl/types";
import { walkOf } from "../wgsl/walk";

/** Number of fours of elements for each thread on a device where threads are expensive to start. */
export const foursOfThread = 4;

/**
 * The kernel of a chain of maps. The first code is 4·(number of loops), plus 1 if elements are computed in fours, plus
 * 2 if each thread computes {@link foursOfThread} of these. The other codes describe the outputs and inputs:
 * 16·slot + access, plus 8 for ints.
 */
export function mapKernel(
  { name, stages }: Chain,
  computes: readonly Compute[],
  codes: readonly number[],
  outputs: number,
  slots: Slots,
): KernelText {
  const quads = codes[0]! % 2 === 1;
  const operands = codes
    .slice(1)
    .map((code) => ({ access: code & 7, isInt: (code & 8) !== 0, slot: code >> 4 }));
  const isAnyInt = operands.some(({ isInt }) => isInt);
  const elements = elementsOf(isAnyInt);
  const four = `vec4<${scalarType(isAnyInt)}>` as const;
  const strided = operands.filter(({ access }) => access >= Access.strided);
  const rank = codes[0]! >> 2;
  const fours = codes[0]! & 2 ? foursOfThread : 1;
  const walk = walkOf("w", rank, strided.length);
  const starts = operands.flatMap(({ access }, k) =>
    access === Access.dense || access === Access.single ? [`o${k}: i32`] : [],
  );

  /** The position of element i in operand k, or of the first element of the i-th four. */
  const position = (k: number) => {
    const operand = operands[k]!;
    if (operand.access >= Access.strided) return `wp${strided.indexOf(operand)}`;
    return operand.access === Access.dense ? `args.o${k} + i32(i)` : `args.o${k}`;
  };
  /** A vector of four elements. */
  const whole = (k: number) => {
    const { slot, access } = operands[k]!;
    return `b${slot}[${access === Access.row ? `${position(k)} >> 2u` : position(k)}]`;
  };
  /** One element of four. */
  const part = (k: number, j: number) => {
    const { slot, access } = operands[k]!;
    if (access !== Access.strided) return `b${slot}[${position(k)} >> 2u][${position(k)} & 3]`;
    const at = `(${position(k)} + ${j} * args.ws${strided.indexOf(operands[k]!)}_${rank - 1})`;
    return `b${slot}[${at} >> 2u][${at} & 3]`;
  };
  const isWhole = (k: number) => operands[k]!.access === Access.dense || operands[k]!.access === Access.row;
  const isMany = (k: number) => isWhole(k) || operands[k]!.access === Access.strided;

  const read = (i: number) => {
    const k = outputs + i;
    if (!quads) return `let v${i} = b${operands[k]!.slot}[${position(k)}];`;
    if (isWhole(k)) return `let v${i} = ${whole(k)};`;
    if (!isMany(k)) return `let v${i} = ${part(k, 0)};`;
    return `let v${i} = ${four}(${components.map((_, j) => part(k, j)).join(", ")});`;
  };
  const loaded = (source: number, c: string) =>
    elements.load(
      operands[outputs + source]!.isInt,
      quads && isMany(outputs + source) ? `v${source}.${c}` : `v${source}`,
    );
  /** Computes component c in all stages, which leave the outputs in `y<output><c>`. */
  const calls = (c: string) => {
    const value = (source: number) => {
      const output = outputOf(source);
      if (output >= 0) return operands[output]!.isInt ? `y${output}${c}` : `settled_(y${output}${c})`;
      return loaded(source, c);
    };
    const called = stages.map(({ sources, targets }, k) => {
      const values = computes[k]!.parameters.map((input) => value(sources[input]!));
      const kept = targets.map((output, i) => `y${output}${c} = r.y${i};`);
      return `{ let r = ${computes[k]!.name}(${values.join(", ")}); ${kept.join(" ")} }`;
    });
    const declared = Array.from(
      { length: outputs },
      (_, k) => `var y${k}${c}: ${scalarType(operands[k]!.isInt)};`,
    );
    return [...declared, ...called].join("\n");
  };
  const store = (k: number) => {
    const y = (c: string) => elements.store(operands[k]!.isInt, `y${k}${c}`);
    if (!quads) return `b${operands[k]!.slot}[${position(k)}] = ${y("x")};`;
    if (!isWhole(k)) return components.map((c, j) => `${part(k, j)} = ${y(c)};`).join("\n");
    return `${whole(k)} = ${four}(${components.map(y).join(", ")});`;
  };
  const wanted = Array.from({ length: outputs }, (_, k) => k).filter(
    (k) => operands[k]!.access !== Access.none,
  );
  const inputs = new Set(
    stages.flatMap(({ sources }, k) =>
      computes[k]!.parameters.map((input) => sources[input]!).filter((source) => outputOf(source) < 0),
    ),
  );
  const body = (i: string) => `{
let i = ${i};
if (i >= args.n) { return; }
${walk.code(quads ? "(4u * i)" : "i")}
${[...inputs].map(read).join("\n")}
${(quads ? components : ["x"]).map(calls).join("\n")}
${wanted.map(store).join("\n")}
}`;
  return {
    name: `map ${name}`,
    bindings: slots.bindings(quads ? four : scalarType(isAnyInt)),
    fields: ["n: u32", ...starts, ...computes.flatMap(({ fields }) => fields), ...walk.fields],
    globals: computes.map(({ text }) => text).join("\n"),
    body: Array.from({ length: fours }, (_, j) => body(`${fours}u * thread + ${j}u`)).join("\n"),
  };
}
