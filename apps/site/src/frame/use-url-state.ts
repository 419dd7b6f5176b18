import { onMounted, onUnmounted, shallowReactive, watch } from "vue";

/** A value of a figure, and how the address spells it. */
export interface Field<Value> {
  readonly initial: Value;
  /** The value of a text; undefined if it is none. */
  parse(text: string): Value | undefined;
  format(value: Value): string;
}

const inRange = (min: number, max: number) => (value: number) =>
  Number.isFinite(value) && value >= min && value <= max;

/** A number. */
export function number(initial: number, min = -1e9, max = 1e9): Field<number> {
  const fits = inRange(min, max);
  return {
    initial,
    parse: (text) => (text !== "" && fits(Number(text)) ? Number(text) : undefined),
    format: String,
  };
}

/** A whole number. */
export function integer(initial: number, min = 0, max = 1e9): Field<number> {
  const field = number(initial, min, max);
  return {
    ...field,
    parse(text) {
      const value = field.parse(text);
      return Number.isInteger(value) ? value : undefined;
    },
  };
}

/** One of some words. */
export function choice<const Word extends string>(
  words: readonly Word[],
  initial: NoInfer<Word>,
): Field<Word> {
  return { initial, parse: (text) => words.find((word) => word === text), format: String };
}

/** Numbers, as many as at the beginning. */
export function numbers(initial: readonly number[], min = -1e6, max = 1e6): Field<readonly number[]> {
  const fits = inRange(min, max);
  return {
    initial,
    parse(text) {
      const found = text.split("_").map(Number);
      return found.length === initial.length && found.every(fits) ? found : undefined;
    },
    format: (value) => value.join("_"),
  };
}

/** Yes or no. */
export function flag(initial: boolean): Field<boolean> {
  return {
    initial,
    parse: (text) => (text === "1" ? true : text === "0" ? false : undefined),
    format: (value) => (value ? "1" : "0"),
  };
}

/** Any text. */
export function text(initial: string): Field<string> {
  return { initial, parse: String, format: String };
}

/** Points of a plane. */
export function points(initial: readonly Point[], min = -1e6, max = 1e6): Field<readonly Point[]> {
  const fits = inRange(min, max);
  return {
    initial,
    parse(text) {
      const found = text.split("_").map((pair) => pair.split("~").map(Number));
      const isRight = found.every((pair) => pair.length === 2 && pair.every(fits));
      return isRight ? (found as unknown as Point[]) : undefined;
    },
    format: (value) => value.map((pair) => pair.join("~")).join("_"),
  };
}

/** A point of a plane. */
export type Point = readonly [x: number, y: number];

/** One point of a plane. */
export function point(initial: Point, min = -1e6, max = 1e6): Field<Point> {
  const many = points([initial], min, max);
  return {
    initial,
    parse: (text) => many.parse(text)?.[0],
    format: (value) => many.format([value]),
  };
}

/** A value that may be missing, as it is at first. */
export function maybe<Value>({ parse, format }: Field<Value>): Field<Value | undefined> {
  return { initial: undefined, parse, format: (value) => (value === undefined ? "" : format(value)) };
}

/** Milliseconds between two changes of the address: browsers refuse more than 100 in 30 seconds. */
const pace = 400;

/**
 * The state of a figure, which the address holds too: `?descent.rate=0.05`. Only what differs from the beginning is written. Set
 * new values; do not change them in place.
 *
 * @param id tells the figures of a page apart
 */
export function useUrlState<Values extends Record<string, unknown>>(
  id: string,
  fields: { readonly [Name in keyof Values]: Field<Values[Name]> },
): Values {
  const known = Object.entries(fields) as [string, Field<unknown>][];
  const initial = Object.fromEntries(known.map(([name, field]) => [name, field.initial]));
  const state: Record<string, unknown> = shallowReactive({ ...initial });
  const key = (name: string) => `${id}.${name}`;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function read(): void {
    const given = new URLSearchParams(location.search);
    for (const [name, field] of known) {
      const text = given.get(key(name));
      state[name] = (text === null ? undefined : field.parse(text)) ?? field.initial;
    }
  }

  function write(): void {
    timer = undefined;
    const address = new URL(location.href);
    for (const [name, field] of known) {
      const value = field.format(state[name]);
      if (value === field.format(field.initial)) address.searchParams.delete(key(name));
      else address.searchParams.set(key(name), value);
    }
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  // Not before: what the server has drawn is the beginning.
  onMounted(() => {
    read();
    addEventListener("popstate", read);
    watch(state, () => {
      timer ??= setTimeout(write, pace);
    });
  });
  onUnmounted(() => {
    clearTimeout(timer);
    removeEventListener("popstate", read);
  });
  return state as Values;
}
