import { sizeOf } from "@thalweg/kernels";
import type { Code, Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { type Table, walk } from "../assembler/loops";
import { argumentsAddress, argumentWords } from "./addresses";
import type { Runtime } from "./runtime";

/** What loops move: addresses, or numbers of elements that are left. */
type Positions = Readonly<Record<string, "integer" | "integers">>;

/** Arguments by name, in the order in which they lie in memory. */
type Fields = Readonly<Record<string, "integer" | "integers" | "floats" | Positions>>;

type Moves<P> = { readonly [K in keyof P]: P[K] extends "integer" ? number : readonly number[] };

/** Nested loops, outermost first. */
interface LoopValues<P> {
  /** The positions of the first iteration. */
  readonly bases: Moves<P>;
  readonly extents: readonly number[];
  /** How far one iteration of each loop moves the positions. */
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

/** How many there are of each list. Lists of one name, an argument and positions, are equally long. */
type Counts<F> = { readonly [K in ListNames<F> & string]: number };

interface Field {
  readonly name: string;
  readonly kind: Fields[string];
  readonly positions: readonly string[];
}

/** Loops over named positions. */
class LoopsOf<P extends Positions> {
  private readonly code: Code;
  private readonly table: Table;
  private readonly positions: P;
  private readonly counts: Readonly<Record<string, number>>;

  constructor(code: Code, table: Table, positions: P, counts: Readonly<Record<string, number>>) {
    this.code = code;
    this.table = table;
    this.positions = positions;
    this.counts = counts;
  }

  /**
   * Runs `body` for the iterations `from` to `to`, given the positions of each.
   *
   * @param bases positions of the first iteration, unless they are those that were written
   */
  walk(from: Local, to: Local, body: (at: At<P>) => void, bases?: At<P>): void {
    const { code, table, positions, counts } = this;
    const starts = bases === undefined ? table.bases : Object.keys(positions).flatMap((name) => bases[name]!);
    walk(code, { ...table, bases: starts }, from, to, (locals) => {
      let next = 0;
      const at = Object.entries(positions).map(([name, kind]) => {
        if (kind === "integer") return [name, locals[next++]!];
        const first = next;
        next += counts[name]!;
        return [name, locals.slice(first, next)];
      });
      body(Object.fromEntries(at) as At<P>);
    });
  }
}

/** Numbers of words: of an argument, or of the positions of loops. */
function wordsOf(name: string, kind: Fields[string], counts: Readonly<Record<string, number>>): number {
  if (kind === "integer") return 1;
  if (typeof kind === "string") return counts[name]!;
  return Object.entries(kind).reduce((words, [position, of]) => words + wordsOf(position, of, counts), 0);
}

const begin = argumentsAddress >> 2;
const limit = begin + argumentWords;

/** Writes positions, or how far they move; returns where that ends, or the limit where there is no room. */
function put(words: Int32Array, at: number, names: readonly string[], moves: Moves<Positions>): number {
  for (let k = 0; k < names.length; k++) {
    const move = moves[names[k]!]!;
    if (typeof move === "number") {
      if (at < limit) words[at++] = move;
      continue;
    }
    if (at + move.length > limit) return limit;
    for (let i = 0; i < move.length; i++) words[at++] = move[i]!;
  }
  return at;
}

/** Writes a table of loops; returns where it ends, or -1 where there is no room. */
function putLoops(
  words: Int32Array,
  from: number,
  names: readonly string[],
  { bases, extents, steps }: LoopValues<Positions>,
): number {
  let at = put(words, from, names, bases);
  const positions = at - from;
  const loops = extents.length;
  const end = at + 1 + Math.max(1, loops) * (1 + positions);
  if (end > limit) return -1;
  words[at++] = 4 * (end - begin);
  if (loops === 0) {
    words[at++] = 1;
    while (at < end) words[at++] = 0;
  }
  for (let d = loops - 1; d >= 0; d--) {
    words[at] = extents[d]!;
    at = put(words, at + 1, names, steps[d]!);
  }
  return end;
}

/**
 * The arguments of a kernel, declared once for the driver that writes them and for the module that reads them: a name that
 * is missing or wrong on either side does not compile.
 */
export class Frame<const F extends Fields> {
  private readonly fields: readonly Field[];

  constructor(fields: F) {
    this.fields = Object.entries(fields).map(([name, kind]) => {
      return { name, kind, positions: typeof kind === "string" ? [] : Object.keys(kind) };
    });
  }

  /**
   * Writes the arguments of a job.
   *
   * @returns the number of its items, which are the iterations of the first loops; -1 where there is no room for so many
   * arguments
   */
  write(runtime: Runtime, values: Values<F>): number {
    const { fields } = this;
    const { words } = runtime;
    let at = begin;
    let items = -1;
    for (let k = 0; k < fields.length; k++) {
      const { name, kind, positions } = fields[k]!;
      const value = values[name] as number | readonly number[] | LoopValues<Positions>;
      if (kind === "integer") words[at++] = value as number;
      else if (kind === "integers" || kind === "floats") {
        const list = value as readonly number[];
        if (at + list.length > limit) return -1;
        // Asking for either view costs as much as writing all arguments.
        const to = kind === "floats" && list.length > 0 ? runtime.floats : words;
        for (let i = 0; i < list.length; i++) to[at++] = list[i]!;
      } else {
        const loops = value as LoopValues<Positions>;
        at = putLoops(words, at, positions, loops);
        if (at < 0) return -1;
        if (items < 0) items = sizeOf(loops.extents);
      }
    }
    return items;
  }

  /** Loads all arguments into variables: a float is in all lanes of a vector. */
  read(code: Code, args: Local, counts: Counts<F>): Locals<F> {
    const known: Readonly<Record<string, number>> = counts;
    let [base, at] = [args, 0];
    const integer = () => load(code, base, at++, "integer");
    const fields = this.fields.map(({ name, kind }) => {
      if (kind === "integer") return [name, integer()];
      const count = wordsOf(name, kind, known);
      if (typeof kind === "string") {
        return [name, Array.from({ length: count }, () => load(code, base, at++, kind))];
      }
      const bases = Array.from({ length: count }, integer);
      const end = integer();
      const start = code.local(type.i32);
      code
        .get(base)
        .i32(4 * at)
        .op("i32Add")
        .set(start);
      code.get(end).get(args).op("i32Add").set(end);
      // Nobody knows here how many loops there are.
      [base, at] = [end, 0];
      return [name, new LoopsOf(code, { start, end, bases }, kind, known)];
    });
    return Object.fromEntries(fields) as Locals<F>;
  }

  /** Loads one argument, or number `index` of a list, into a variable; only loops may come after it. */
  load(code: Code, args: Local, name: keyof F & string, counts: Counts<F>, index = 0): Local {
    const place = this.fields.findIndex((field) => field.name === name);
    const before = this.fields.slice(0, place);
    const at = before.reduce((words, field) => words + wordsOf(field.name, field.kind, counts), index);
    return load(code, args, at, this.fields[place]!.kind);
  }
}

function load(code: Code, base: Local, at: number, kind: Fields[string]): Local {
  const isFloat = kind === "floats";
  const local = code.local(isFloat ? type.v128 : type.i32);
  code
    .get(base)
    .at(isFloat ? "v128Load32Splat" : "i32Load", 4 * at)
    .set(local);
  return local;
}
