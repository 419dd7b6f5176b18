import { distance } from "fastest-levenshtein";
import { promptOf, vocabulary, type Word } from "./data/dictionary";
import type { GPT } from "./model/gpt";
import { search } from "./model/search";

/** A word, and the sound that the model gave it. */
export interface Reading {
  readonly word: Word;
  readonly sound: readonly string[];
  /** Phonemes to change, to add or to leave out until it is the nearest right one, and the length of that one. */
  readonly errors: number;
  readonly length: number;
}

/** Error rates of readings, from 0 on. */
export interface ErrorRates {
  /** Wrong phonemes by the number of those that are right. */
  readonly phonemes: number;
  /** Share of words that have any. */
  readonly words: number;
}

/** Words that are read at once. */
const together = 64;
/** A letter for each phoneme, since distances are between texts. */
const letter = (phoneme: string) => String.fromCodePoint(...vocabulary.encode([phoneme]));
const text = (sound: readonly string[]) => sound.map(letter).join("");

/** Judges a sound by the nearest of the right ones. */
export function judged(word: Word, sound: readonly string[]): Reading {
  const distances = word.sounds.map((right) => ({
    errors: distance(text(sound), text(right)),
    length: right.length,
  }));
  return { word, sound, ...distances.reduce((a, b) => (b.errors < a.errors ? b : a)) };
}

/** Reads words in batches of words of one length, and yields them in that order. */
export async function* readWords(
  model: GPT,
  words: readonly Word[],
  beams: number,
): AsyncGenerator<Reading[]> {
  model.eval();
  const groups = new Map<number, Word[]>();
  for (const word of words) {
    const { length } = word.spelling;
    const group = groups.get(length);
    if (group === undefined) groups.set(length, [word]);
    else group.push(word);
  }
  for (const group of groups.values()) {
    for (let k = 0; k < group.length; k += together) {
      const batch = group.slice(k, k + together);
      const written = await search(
        model,
        batch.map(({ spelling }) => promptOf(spelling)),
        { end: vocabulary.end, beams },
      );
      yield batch.map((word, i) => judged(word, vocabulary.decode(written[i]!.tokens)));
    }
  }
}

/** The error rates of readings. */
export function errorRates(readings: readonly Reading[]): ErrorRates {
  const sum = (of: (reading: Reading) => number) => readings.reduce((total, one) => total + of(one), 0);
  return {
    phonemes: sum(({ errors }) => errors) / sum(({ length }) => length),
    words: sum(({ errors }) => Math.min(errors, 1)) / readings.length,
  };
}
