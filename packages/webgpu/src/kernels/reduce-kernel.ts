import { intInputs, intNeutral, neutral, type ReduceProgram } from "@thalweg/kernels";
import type { KernelText } from "../device/kernel";
import type { Slots } from "../device/slots";
import { emit } from "../wgsl/expression";
import { literal } from "../wgsl/literal";
import { elementsOf, scalarType } from "../wgsl/types";
import { walkOf } from "../wgsl/walk";
import { combined, combinedInts, shared, threads, together } from "../wgsl/workgroup";

/** The properties of a reduction kernel besides its program. */
export interface ReduceForm {
  /** Whether a workgroup, rather than a thread, reduces each line. */
  readonly grouped: boolean;
  /** Whether lines are divided. The partial results are then written part by part, without `finish`. */
  readonly divided: boolean;
  /** Number of loops over lines, and number of loops along a line. */
  readonly ranks: readonly [number, number];
  /** Slots of the result and of the views among the inputs. */
  readonly slots: readonly number[];
  /** Whether each of these operands holds ints. */
  readonly ints: readonly boolean[];
  /** The number of each input among the views; -1 for a number, which is an argument `x<input>`. */
  readonly views: readonly number[];
}

/** The kernel that reduces lines, or parts of lines. */
export function reduceKernel(program: ReduceProgram, form: ReduceForm, slots: Slots): KernelText {
  const { combine, map, finish, name } = program;
  const { grouped, divided, ranks, views } = form;
  const start = divided ? 0 : 1;
  const takesInts = intInputs([map]);
  const numbers = views.flatMap((view, input) =>
    view < 0 ? [`x${input}: ${scalarType(takesInts.has(input))}`] : [],
  );
  const count = views.length - numbers.length;
  const outer = walkOf("k", ranks[0], count + start);
  const inner = walkOf("j", ranks[1], count, false);
  const { isInt } = map;
  const isAnyInt = form.ints.includes(true);
  const elements = elementsOf(isAnyInt);
  const element = emit([map], (input) => {
    const k = views[input]!;
    if (k < 0) return `args.x${input}`;
    return elements.load(form.ints[k + 1]!, `b${form.slots[k + 1]}[kp${k + start} + jp${k}]`);
  });
  const result = grouped ? "result" : "value";
  const takesInt = intInputs([finish]).has(1);
  const total = takesInt ? "i32(args.total)" : "args.total";
  const finished = emit([finish], (k) => (k === 0 ? result : total), "end");
  const write = divided
    ? `b${form.slots[0]}[args.start + i32(part * args.rows + row)] = ${elements.store(isInt, result)};`
    : `${finished.statements}\nb${form.slots[0]}[kp0] = ${elements.store(finish.isInt, finished.results[0]!)};`;
  const join = (isInt ? combinedInts : combined)[combine];
  const first = isInt ? `i32(${intNeutral[combine]})` : literal(neutral[combine]);
  const id = grouped ? "group" : "thread";
  return {
    name: `reduce ${name}`,
    bindings: slots.bindings(scalarType(isAnyInt)),
    fields: [
      "rows: u32",
      "parts: u32",
      "length: u32",
      "chunk: u32",
      "total: f32",
      "start: i32",
      ...numbers,
      ...outer.fields,
      ...inner.fields,
    ],
    globals: grouped ? shared(isInt) : "",
    body: `if (${id} >= args.parts) { return; }
let row = ${id} % args.rows;
let part = ${id} / args.rows;
${outer.code("row")}
var value = ${first};
let end = min(args.length, (part + 1u) * args.chunk);
for (var r = part * args.chunk${grouped ? " + lane" : ""}; r < end; r += ${grouped ? threads : 1}u) {
${inner.code("r")}
${element.statements}
value = ${join("value", element.results[0]!)};
}
${grouped ? `${together(combine, "result", "value", isInt)}\nif (lane == 0u) {\n${write}\n}` : write}`,
  };
}
