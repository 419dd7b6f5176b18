import { type LineProgram, type LineStage, neutral } from "../../scalar/program";
import type { KernelText } from "./kernel";
import type { Slots } from "./slots";
import { walkOf } from "./walk";
import { say } from "./wgsl/expression";
import { literal } from "./wgsl/literal";
import { combined, shared, threads, together } from "./workgroup";

/** What the kernel of a line program depends on. */
export interface LineForm {
  /** Whether a workgroup does a line, or a thread. */
  readonly grouped: boolean;
  /** Loops over lines. */
  readonly rank: number;
  /** Of the outputs and the inputs. */
  readonly slots: readonly number[];
}

/** All stages of a line, then its outputs. What a stage keeps stands in the first output in between. */
export function lineKernel(program: LineProgram, form: LineForm, slots: Slots): KernelText {
  const { name, inputs, stages, outputs } = program;
  const { grouped, rank } = form;
  const walk = walkOf("k", rank, form.slots.length);
  const at = (k: number) => `b${form.slots[k]}[kp${k} + i32(i) * args.s${k}]`;
  const leaf = (k: number) => {
    if (k < inputs) return at(outputs.length + k);
    return k < inputs + stages.length ? `stage${k - inputs}` : at(0);
  };
  const along = (body: string) =>
    `for (var i = ${grouped ? "lane" : "0u"}; i < args.extent; i += ${grouped ? threads : 1}u) {\n${body}\n}`;

  const reduced = ({ combine, map, finish, keep }: LineStage, s: number) => {
    const { statements, results } = say([map], leaf);
    const value = grouped ? `all${s}` : `value${s}`;
    const end = say([finish], (k) => (k === 0 ? value : "f32(args.extent)"), `end${s}_`);
    return `var value${s} = ${literal(neutral[combine])};
${along(`${statements}
let element = ${results[0]};
${keep ? `${at(0)} = element;` : ""}
value${s} = ${combined[combine](`value${s}`, "element")};`)}
${grouped ? together(combine, `all${s}`, `value${s}`) : ""}
${end.statements}
let stage${s} = ${end.results[0]};`;
  };
  const last = say(outputs, leaf);
  const id = grouped ? "group" : "thread";
  return {
    name: `lines ${name}`,
    bindings: slots.bindings(),
    fields: ["lines: u32", "extent: u32", ...form.slots.map((_, k) => `s${k}: i32`), ...walk.fields],
    globals: grouped ? shared : "",
    body: `if (${id} >= args.lines) { return; }
${walk.code(id)}
${stages.map(reduced).join("\n")}
${along(`${last.statements}
${last.results.map((result, k) => `let result${k} = ${result};`).join("\n")}
${last.results.map((_, k) => `${at(k)} = result${k};`).join("\n")}`)}`,
  };
}
