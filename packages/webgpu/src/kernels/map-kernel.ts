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

interface Operand {
  readonly access: number;
  readonly isInt: boolean;
  readonly slot: number;
}

/** The text that reads and writes the operands of a map kernel, the outputs first. */
class OperandText {
  readonly operands: readonly Operand[];
  readonly strided: readonly Operand[];
  readonly isAnyInt: boolean;
  readonly rank: number;
  /** Whether elements are computed in fours. */
  readonly quads: boolean;
  private readonly outputs: number;

  /** @param codes see {@link mapKernel} */
  constructor(codes: readonly number[], outputs: number) {
    this.operands = codes
      .slice(1)
      .map((code) => ({ access: code & 7, isInt: (code & 8) !== 0, slot: code >> 4 }));
    this.strided = this.operands.filter(({ access }) => access >= Access.strided);
    this.isAnyInt = this.operands.some(({ isInt }) => isInt);
    this.rank = codes[0]! >> 2;
    this.quads = codes[0]! % 2 === 1;
    this.outputs = outputs;
  }

  get four(): "vec4<f32>" | "vec4<i32>" {
    return `vec4<${scalarType(this.isAnyInt)}>`;
  }

  /** The arguments that say where operands start. */
  get starts(): string[] {
    return this.operands.flatMap(({ access }, k) =>
      access === Access.dense || access === Access.single ? [`o${k}: i32`] : [],
    );
  }

  /** Declares input `i` as `v<i>`. */
  read(i: number): string {
    const k = this.outputs + i;
    if (!this.quads) return `let v${i} = b${this.operands[k]!.slot}[${this.position(k)}];`;
    if (this.isWhole(k)) return `let v${i} = ${this.whole(k)};`;
    if (!this.isMany(k)) return `let v${i} = ${this.part(k, 0)};`;
    return `let v${i} = ${this.four}(${components.map((_, j) => this.part(k, j)).join(", ")});`;
  }

  /** Component `c` of input `i`, which was read. */
  loaded(i: number, c: string): string {
    const k = this.outputs + i;
    const isMany = this.quads && this.isMany(k);
    return elementsOf(this.isAnyInt).load(this.operands[k]!.isInt, isMany ? `v${i}.${c}` : `v${i}`);
  }

  /** Writes output `k` from `y<k><component>`. */
  store(k: number): string {
    const { isInt, slot } = this.operands[k]!;
    const y = (c: string) => elementsOf(this.isAnyInt).store(isInt, `y${k}${c}`);
    if (!this.quads) return `b${slot}[${this.position(k)}] = ${y("x")};`;
    if (!this.isWhole(k)) return components.map((c, j) => `${this.part(k, j)} = ${y(c)};`).join("\n");
    return `${this.whole(k)} = ${this.four}(${components.map(y).join(", ")});`;
  }

  /** The position of element i in operand k, or of the first element of the i-th four. */
  private position(k: number): string {
    const operand = this.operands[k]!;
    if (operand.access >= Access.strided) return `wp${this.strided.indexOf(operand)}`;
    return operand.access === Access.dense ? `args.o${k} + i32(i)` : `args.o${k}`;
  }

  /** A vector of four elements. */
  private whole(k: number): string {
    const { slot, access } = this.operands[k]!;
    return `b${slot}[${access === Access.row ? `${this.position(k)} >> 2u` : this.position(k)}]`;
  }

  /** One element of four. */
  private part(k: number, j: number): string {
    const operand = this.operands[k]!;
    const { slot, access } = operand;
    const first = this.position(k);
    if (access !== Access.strided) return `b${slot}[${first} >> 2u][${first} & 3]`;
    const at = `(${first} + ${j} * args.ws${this.strided.indexOf(operand)}_${this.rank - 1})`;
    return `b${slot}[${at} >> 2u][${at} & 3]`;
  }

  private isWhole(k: number): boolean {
    const { access } = this.operands[k]!;
    return access === Access.dense || access === Access.row;
  }

  private isMany(k: number): boolean {
    return this.isWhole(k) || this.operands[k]!.access === Access.strided;
  }
}

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
  const text = new OperandText(codes, outputs);
  const { operands, quads, isAnyInt } = text;
  const all = operands.slice(0, outputs);
  const walk = walkOf("w", text.rank, text.strided.length);
  /** Computes component c in all stages, which leave the outputs in `y<output><c>`. */
  const calls = (c: string) => {
    const value = (source: number) => {
      const output = outputOf(source);
      if (output < 0) return text.loaded(source, c);
      return operands[output]!.isInt ? `y${output}${c}` : `settled_(y${output}${c})`;
    };
    const called = stages.map(({ sources, targets }, k) => {
      const values = computes[k]!.parameters.map((input) => value(sources[input]!));
      const kept = targets.map((output, i) => `y${output}${c} = r.y${i};`);
      return `{ let r = ${computes[k]!.name}(${values.join(", ")}); ${kept.join(" ")} }`;
    });
    const declared = all.map(({ isInt }, k) => `var y${k}${c}: ${scalarType(isInt)};`);
    return [...declared, ...called].join("\n");
  };
  const inputs = new Set(
    stages.flatMap(({ sources }, k) =>
      computes[k]!.parameters.map((input) => sources[input]!).filter((source) => outputOf(source) < 0),
    ),
  );
  const stores = all.flatMap(({ access }, k) => (access === Access.none ? [] : [text.store(k)]));
  const body = (i: string) => `{
let i = ${i};
if (i >= args.n) { return; }
${walk.code(quads ? "(4u * i)" : "i")}
${[...inputs].map((input) => text.read(input)).join("\n")}
${(quads ? components : ["x"]).map(calls).join("\n")}
${stores.join("\n")}
}`;
  const fours = codes[0]! & 2 ? foursOfThread : 1;
  return {
    name: `map ${name}`,
    bindings: slots.bindings(quads ? text.four : scalarType(isAnyInt)),
    fields: ["n: u32", ...text.starts, ...computes.flatMap(({ fields }) => fields), ...walk.fields],
    globals: computes.map(({ text }) => text).join("\n"),
    body: Array.from({ length: fours }, (_, j) => body(`${fours}u * thread + ${j}u`)).join("\n"),
  };
}
