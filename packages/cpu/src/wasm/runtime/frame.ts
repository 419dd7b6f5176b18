import { sizeOf } from "@thalweg/kernels";
import type { Code, Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { walk } from "../assembler/loops";
import { argumentsAddress, argumentWords } from "./addresses";
import type { Runtime } from "./runtime";

/** The values that loops move: addresses, or numbers of remaining elements. */
type Positions = Readonly<Record<string, "integer" | "integers">>;

/** Arguments by name, in their order in memory. */
type Fields = Readonly<Record<string, "integer" | "integers" | "floats" | Positions>>;

/** Every kernel has items. */
type Arguments = Fields & { readonly items: Positions };

type Moves<P> = { readonly [K in keyof P]: P[K] extends "integer" ? number : readonly number[] };

/** Nested loops, outermost first. */
interface LoopValues<P> {
  /** The positions of the first iteration. */
  readonly bases: Moves<P>;
  readonly extents: readonly number[];
  /** The distances by which one iteration of each loop moves the positions. */
  readonly steps: readonly Moves<P>[];
}

type Values<F> = {
  readonly [K in keyof F]: F[K] extends Positions
    ? LoopValues<F[K]>
    : F[K] extends "integer"
      ? number
      : readonly number[];
};

type At<P> = { readonly [K in keyof P]: P[K] extends "integer" ? Local : readonly Local[] };

type Locals<F> = {
  readonly [K in keyof F]: F[K] extends Positions
    ? LoopsOf<F[K]>
    : F[K] extends "integer"
      ? Local
      : readonly Local[];
};

type ListNames<F> = {
  [K in keyof F]: F[K] extends Positions ? ListNames<F[K]> : F[K] extends "integer" ? never : K;
}[keyof F];

/** Loops over named positions. */
interface LoopsOf<P> {
  /**
   * Emits loops that run `body` for the iterations `from` to `to`, with the positions of each.
   *
   * @param bases positions of the first iteration; those that were written unless given
   */
  walk(from: Local, to: Local, body: (at: At<P>) => void, bases?: At<P>): void;
}

/** The length of each list. An argument and positions with the same name have the same length. */
type Counts<F> = { readonly [K in ListNames<F> & string]: number };

interface Field {
  readonly name: string;
  readonly kind: "integer" | "integers" | "floats" | "loops";
  readonly positions: readonly Field[];
}

function fieldsOf(kinds: Fields): readonly Field[] {
  return Object.entries(kinds).map(([name, kind]) =>
    typeof kind === "string"
      ? { name, kind, positions: [] }
      : { name, kind: "loops", positions: fieldsOf(kind) },
  );
}

const begin = argumentsAddress >> 2;
const limit = begin + argumentWords;

/** Writes values, but none beyond the limit. Returns the place where they end, or would end. */
function put(
  runtime: Runtime,
  words: Int32Array,
  at: number,
  fields: readonly Field[],
  values: Readonly<Record<string, unknown>>,
): number {
  for (let k = 0; k < fields.length; k++) {
    const { name, kind, positions } = fields[k]!;
    const value = values[name];
    if (kind === "integer") {
      if (at < limit) words[at] = value as number;
      at++;
    } else if (kind === "loops") {
      at = putLoops(runtime, words, at, positions, value as LoopValues<Positions>);
    } else {
      const list = value as readonly number[];
      // Asking for a view costs as much as writing all arguments.
      const to = kind === "floats" && list.length > 0 ? runtime.floats : words;
      for (let i = 0; i < list.length; i++, at++) if (at < limit) to[at] = list[i]!;
    }
  }
  return at;
}

function putLoops(
  runtime: Runtime,
  words: Int32Array,
  from: number,
  positions: readonly Field[],
  { bases, extents, steps }: LoopValues<Positions>,
): number {
  let at = put(runtime, words, from, positions, bases);
  const loops = extents.length;
  const end = at + 1 + Math.max(1, loops) * (1 + at - from);
  if (end > limit) return end;
  words[at++] = 4 * (end - begin);
  if (loops === 0) {
    words[at++] = 1;
    while (at < end) words[at++] = 0;
  }
  for (let d = loops - 1; d >= 0; d--) {
    words[at] = extents[d]!;
    at = put(runtime, words, at + 1, positions, steps[d]!);
  }
  return end;
}

type Named = Record<string, unknown>;

/** The results of `take` by the names of fields, as an array for a list. */
function named(fields: readonly Field[], counts: Named, take: (field: Field) => unknown): Named {
  const all: Named = {};
  for (const field of fields) {
    const length = field.kind === "integer" || field.kind === "loops" ? -1 : (counts[field.name] as number);
    all[field.name] = length < 0 ? take(field) : Array.from({ length }, () => take(field));
  }
  return all;
}

/**
 * The arguments of a kernel, declared once for the driver that writes them and for the module that reads them. A missing
 * or wrong name does not compile on either side.
 */
export class Frame<const F extends Arguments> {
  private readonly fields: readonly Field[];

  constructor(fields: F) {
    this.fields = fieldsOf(fields);
  }

  /**
   * Writes the arguments of a job.
   *
   * @returns the number of its items, which are the iterations of `items`; -1 if the arguments do not fit
   */
  write(runtime: Runtime, values: Values<F>): number {
    const end = put(runtime, runtime.words, begin, this.fields, values);
    return end > limit ? -1 : sizeOf((values.items as LoopValues<Positions>).extents);
  }

  /** Emits code that loads all arguments into variables. A float is in all lanes of a vector. */
  read(code: Code, args: Local, counts: Counts<F>): Locals<F> {
    let [base, at] = [args, 0];
    const take = ({ kind, positions }: Field): unknown => {
      if (kind !== "loops") return load(code, base, 4 * at++, kind === "floats");
      const bases: Local[] = [];
      named(positions, counts, (field) => bases.push(take(field) as Local));
      const [end, start] = [load(code, base, 4 * at++), code.local(type.i32)];
      code
        .get(base)
        .i32(4 * at)
        .op("i32Add")
        .set(start);
      code.get(end).get(args).op("i32Add").set(end);
      // The number of loops is not known here, so later arguments are addressed from their end.
      [base, at] = [end, 0];
      const loops: LoopsOf<Positions> = {
        walk(from, to, body, given) {
          const starts = given === undefined ? bases : positions.flatMap(({ name }) => given[name]!);
          walk(code, { start, end, bases: starts }, from, to, (locals) => {
            let next = 0;
            body(named(positions, counts, () => locals[next++]) as At<Positions>);
          });
        },
      };
      return loops;
    };
    return named(this.fields, counts, take) as Locals<F>;
  }

  /** Emits code that loads one argument, or element `index` of a list, into a variable. No loops may come before it. */
  load(code: Code, args: Local, name: keyof F & string, counts: Counts<F>, index = 0): Local {
    let at = index;
    let isFloat = false;
    for (const { name: other, kind } of this.fields) {
      isFloat = kind === "floats";
      if (other === name) break;
      at += kind === "integer" ? 1 : (counts as Record<string, number>)[other]!;
    }
    return load(code, args, 4 * at, isFloat);
  }
}

function load(code: Code, base: Local, offset: number, isFloat = false): Local {
  const local = code.local(isFloat ? type.v128 : type.i32);
  code
    .get(base)
    .at(isFloat ? "v128Load32Splat" : "i32Load", offset)
    .set(local);
  return local;
}
