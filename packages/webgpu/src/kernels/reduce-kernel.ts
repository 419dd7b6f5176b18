import { neutral, type ReduceProgram } from "@thalweg/kernels";
import type { KernelText } from "../device/kernel";
import type { Slots } from "../device/slots";
import { say } from "../wgsl/expression";
import { literal } from "../wgsl/literal";
import { walkOf } from "../wgsl/walk";
import { combined, shared, threads, together } from "../wgsl/workgroup";

/** What a reduction kernel depends on, besides its program. */
export interface ReduceForm {
  /** Whether a workgroup reduces a line, or a thread. */
  readonly grouped: boolean;
  /** Whether lines have parts, whose results stand part by part; they are not finished. */
  readonly divided: boolean;
  /** Numbers of loops over lines, and along them. */
  readonly ranks: readonly [number, number];
  /** Of the result and of the inputs. */
  readonly slots: readonly number[];
}

/** A reduction of lines, or of their parts. */
export function reduceKernel(program: ReduceProgram, form: ReduceForm, slots: Slots): KernelText {
  const { combine, inputs, map, finish, name } = program;
  const { grouped, divided, ranks } = form;
  const start = divided ? 0 : 1;
  const outer = walkOf("k", ranks[0], inputs + start);
  const inner = walkOf("j", ranks[1], inputs, false);
  const element = say([map], (k) => `b${form.slots[k + 1]}[kp${k + start} + jp${k}]`);
  const result = grouped ? "result" : "value";
  const finished = say([finish], (k) => (k === 0 ? result : "args.total"), "end");
  const write = divided
    ? `b${form.slots[0]}[args.start + i32(part * args.lines + line)] = ${result};`
    : `${finished.statements}\nb${form.slots[0]}[kp0] = ${finished.results[0]};`;
  const id = grouped ? "group" : "thread";
  return {
    name: `reduce ${name}`,
    bindings: slots.bindings(),
    fields: [
      "lines: u32",
      "parts: u32",
      "length: u32",
      "chunk: u32",
      "total: f32",
      "start: i32",
      ...outer.fields,
      ...inner.fields,
    ],
    globals: grouped ? shared : "",
    body: `if (${id} >= args.parts) { return; }
let line = ${id} % args.lines;
let part = ${id} / args.lines;
${outer.code("line")}
var value = ${literal(neutral[combine])};
let end = min(args.length, (part + 1u) * args.chunk);
for (var r = part * args.chunk${grouped ? " + lane" : ""}; r < end; r += ${grouped ? threads : 1}u) {
${inner.code("r")}
${element.statements}
value = ${combined[combine]("value", element.results[0]!)};
}
${grouped ? `${together(combine, "result", "value")}\nif (lane == 0u) {\n${write}\n}` : write}`,
  };
}
