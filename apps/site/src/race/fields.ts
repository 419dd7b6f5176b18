import type { Field } from "../frame/use-url-state";

const between = "_";

/** Some of some words, in their order. */
export function some<const Word extends string>(
  words: readonly Word[],
  initial: readonly Word[],
): Field<readonly Word[]> {
  return {
    initial,
    parse(text) {
      const found = text.split(between);
      return text === "" || found.every((one) => words.includes(one as Word))
        ? words.filter((word) => found.includes(word))
        : undefined;
    },
    format: (value) => value.join(between),
  };
}

/** A value for some of some words; at first for none. */
export function each<const Word extends string, Value>(
  words: readonly Word[],
  { parse, format }: Field<Value>,
): Field<Readonly<Partial<Record<Word, Value>>>> {
  return {
    initial: {} as Partial<Record<Word, Value>>,
    parse(text) {
      const entries = text.split(between).map((pair) => {
        const [word, value] = pair.split("~");
        return [word, parse(value ?? "")] as const;
      });
      const isRight = entries.every(([word, value]) => words.includes(word as Word) && value !== undefined);
      return isRight ? (Object.fromEntries(entries) as Partial<Record<Word, Value>>) : undefined;
    },
    format: (values) =>
      Object.entries(values)
        .map(([word, value]) => `${word}~${format(value as Value)}`)
        .join(between),
  };
}
