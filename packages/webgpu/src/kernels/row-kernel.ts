import { neutral, type RowProgram, type RowStage } from "@thalweg/kernels";
import type { KernelText } from "../device/kernel";
import type { Slots } from "../device/slots";
import { components } from "../matmul/square";
import { emit } from "../wgsl/expression";
import { literal } from "../wgsl/literal";
import { walkOf } from "../wgsl/walk";
import { combined, shared, threads, together } from "../wgsl/workgroup";

/** The form of the kernel of a row program. */
export interface RowForm {
  /** Whether a workgroup, rather than a thread, computes each line. */
  readonly grouped: boolean;
  /** Whether elements are computed in fours of neighbours. */
  readonly quads: boolean;
  /** Number of loops over lines. */
  readonly rank: number;
  /** Slots of the outputs and of the views among the inputs. */
  readonly slots: readonly number[];
  /** The number of each input among the views; -1 for a number, which is an argument `x<input>`. */
  readonly views: readonly number[];
}

/** A kernel that computes all stages of a line, then its outputs. A stage keeps its elements in the first output meanwhile. */
export function rowKernel(program: RowProgram, form: RowForm, slots: Slots): KernelText {
  const { name, inputs, stages, outputs } = program;
  const { grouped, quads, rank, views } = form;
  const walk = walkOf("k", rank, form.slots.length);
  const at = (k: number) =>
    `b${form.slots[k]}[${quads ? `(kp${k} >> 2u) + i32(i)` : `kp${k} + i32(i) * args.s${k}`}]`;
  const along = (body: string) =>
    `for (var i = ${grouped ? "lane" : "0u"}; i < args.steps; i += ${grouped ? threads : 1}u) {\n${body}\n}`;

  /** A loop along the line: it reads the elements that `body` asks for, computes `body` for each, then runs `after`. */
  const each = (body: (leaf: (input: number) => string, c: string) => string, after: string) => {
    const read = new Set<number>();
    const parts = (quads ? components : [""]).map((c) => {
      const leaf = (input: number) => {
        if (input >= inputs && input < inputs + stages.length) return `stage${input - inputs}`;
        if (views[input] === -1) return `args.x${input}`;
        const k = input < inputs ? outputs.length + views[input]! : 0;
        read.add(k);
        return quads ? `v${k}.${c}` : `v${k}`;
      };
      return `{\n${body(leaf, quads ? `.${c}` : "")}\n}`;
    });
    return along([...[...read].map((k) => `let v${k} = ${at(k)};`), ...parts, after].join("\n"));
  };
  const type = quads ? "vec4<f32>" : "f32";

  const reduced = ({ combine, map, finish, keep }: RowStage, s: number) => {
    const value = grouped ? `all${s}` : `value${s}`;
    const end = emit([finish], (k) => (k === 0 ? value : "f32(args.extent)"), `end${s}_`);
    const loop = each(
      (leaf, c) => {
        const { statements, results } = emit([map], leaf);
        return `${statements}
let element = ${results[0]};
${keep ? `kept${s}${c} = element;` : ""}
value${s} = ${combined[combine](`value${s}`, "element")};`;
      },
      keep ? `${at(0)} = kept${s};` : "",
    );
    return `var value${s} = ${literal(neutral[combine])};
${keep ? `var kept${s}: ${type};` : ""}
${loop}
${grouped ? together(combine, `all${s}`, `value${s}`) : ""}
${end.statements}
let stage${s} = ${end.results[0]};`;
  };
  const write = each(
    (leaf, c) => {
      const { statements, results } = emit(outputs, leaf);
      return `${statements}\n${results.map((result, k) => `result${k}${c} = ${result};`).join("\n")}`;
    },
    outputs.map((_, k) => `${at(k)} = result${k};`).join("\n"),
  );
  const id = grouped ? "group" : "thread";
  return {
    name: `rows ${name}`,
    bindings: slots.bindings(type),
    fields: [
      "rows: u32",
      "extent: u32",
      "steps: u32",
      ...views.flatMap((view, input) => (view < 0 ? [`x${input}: f32`] : [])),
      ...(quads ? [] : form.slots.map((_, k) => `s${k}: i32`)),
      ...walk.fields,
    ],
    globals: grouped ? shared() : "",
    body: `if (${id} >= args.rows) { return; }
${walk.code(id)}
${stages.map(reduced).join("\n")}
${outputs.map((_, k) => `var result${k}: ${type};`).join("\n")}
${write}`,
  };
}
