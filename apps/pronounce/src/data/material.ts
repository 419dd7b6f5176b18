import { randomSplit } from "thalweg";
import type { Settings } from "../settings";
import * as dictionary from "./dictionary";
import { type Example, lengthOf } from "./example";
import * as names from "./names";
import type { Vocabulary } from "./vocabulary";

/** What a model is trained and tested with. */
export interface Material {
  readonly vocabulary: Vocabulary;
  /** Examples of the words to train with, and of those to look at meanwhile. */
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  /** The same words, and those to test with in the end; none where names are learned. */
  readonly words: Readonly<Record<"validation" | "test", readonly dictionary.Word[]>>;
  /** All names; none where words are learned. */
  readonly names: ReadonlySet<string>;
}

/** The words or names of a task, divided at random by the default generator: 90 % to train with, and twice 5 %. */
export function materialOf({ task, words: count }: Settings, context: number): Material {
  if (task === "names") {
    const all = names.readNames();
    const [train, validation] = divided(all, count) as [string[], string[]];
    return {
      vocabulary: names.vocabulary,
      train: names.examplesOf(train),
      validation: names.examplesOf(validation),
      words: { validation: [], test: [] },
      names: new Set(all),
    };
  }
  const fitting = (words: readonly dictionary.Word[]) =>
    dictionary.examplesOf(words).filter((example) => lengthOf(example) <= context);
  type Words = dictionary.Word[];
  const parts = divided(dictionary.readDictionary(), count) as [Words, Words, Words];
  const [train, validation, test] = parts;
  return {
    vocabulary: dictionary.vocabulary,
    train: fitting(train),
    validation: fitting(validation),
    words: { validation, test },
    names: new Set(),
  };
}

/** Of all, or of `count` taken at random: 90 %, 5 % and 5 %. */
function divided<T>(all: readonly T[], count: number): T[][] {
  const total = count === 0 ? all.length : Math.min(count, all.length);
  const held = Math.max(1, Math.round(0.05 * total));
  const parts = randomSplit(all, [total - 2 * held, held, held, all.length - total]);
  return parts.map(({ indices }) => indices.map((i) => all[i]!));
}
