import {
  checkFolder,
  commandLine,
  Divergence,
  explained,
  Interruption,
  Progress,
  type Terminal,
  UsageError,
} from "@thalweg/terminal";
import { isSpelling, promptOf, spelled, vocabulary } from "./data/dictionary";
import { promptOf as promptOfName } from "./data/names";
import { type ErrorRates, errorRates, type Reading, readWords } from "./evaluate";
import { sample } from "./model/sample";
import { search } from "./model/search";
import { openSession } from "./open";
import type { Options } from "./options";
import { percent, Report, table } from "./report";
import type { Session } from "./session";
import { stepOf, training, validationLoss } from "./train";

/** Number of looks at what is held out, during training. */
const looks = 10;
/** Number of words that are read then, and of those that are printed in the end. */
const [few, shown] = [300, 10];
/** Units of the progress bar. */
const units = 1000;

/**
 * Trains by the options, and prints its progress; or pronounces words.
 *
 * @throws UsageError, Divergence or Interruption.
 */
export async function run(options: Options, terminal: Terminal): Promise<void> {
  const session = await openSession(options);
  if (options.words.length > 0) return pronounce(session, options, terminal);
  if (options.save !== undefined) checkFolder(options.save);
  const report = new Report(session);
  const progress = new Progress(
    terminal,
    units,
    !options.quiet,
    (moment) => report.bar(moment),
    units * session.done,
  );
  const print = (lines: readonly string[]) => options.quiet || progress.print(lines);
  try {
    print(report.before());
    await train(session, options, report, progress, print);
  } finally {
    progress.stop();
  }
  if (session.settings.task === "names") return inventNames(session, options, terminal);
  await test(session, options, terminal);
}

async function train(
  session: Session,
  options: Options,
  report: Report,
  progress: Progress,
  print: (lines: readonly string[]) => unknown,
): Promise<void> {
  let look = Math.floor(looks * session.done) + 1;
  for await (const { loss, tokens } of training(session, stepOf(session, options.compile))) {
    report.add(loss / tokens, tokens);
    if (!Number.isFinite(loss)) throw new Divergence(report.divergence());
    if (session.done >= look / looks) {
      look = Math.floor(looks * session.done) + 1;
      const validation = await validationLoss(session);
      print([report.progress(session.takeLoss(), validation, await peek(session))]);
      if (options.save !== undefined) await explained("", () => session.save(options.save!));
    }
    if (!(await progress.tick(units * session.done))) throw await interrupted(session, options);
  }
}

/** The error rates of some words that are held out; null where names are learned. */
async function peek({ model, material }: Session): Promise<ErrorRates | null> {
  const words = material.words.validation.slice(0, few);
  return words.length === 0 ? null : errorRates(await all(readWords(model, words, 1)));
}

/** Reads the test words, greedily and by beam search, and prints error rates, and some of the words. */
async function test({ model, material }: Session, options: Options, terminal: Terminal): Promise<void> {
  const { test: words } = material.words;
  const lines: string[] = [];
  let readings: Reading[] = [];
  for (const beams of new Set([1, options.beams])) {
    readings = await all(readWords(model, words, beams));
    const { phonemes, words: wrong } = errorRates(readings);
    const how = beams === 1 ? "greedy" : `${beams} beams`;
    lines.push(`${how}: phoneme error rate ${percent(phonemes)}, word error rate ${percent(wrong)}`);
  }
  const byWord = new Map(readings.map((reading) => [reading.word, reading]));
  const some = words.slice(0, shown).map((word) => byWord.get(word)!);
  const text = [
    ...(options.quiet ? [] : ["", ...table(some), ""]),
    `${words.length} words that it never saw`,
    ...lines,
  ];
  terminal.stdout.write(`${text.join("\n")}\n`);
}

/** Draws names, and says which of them are no names so far. */
async function inventNames(
  { model, material }: Session,
  options: Options,
  terminal: Terminal,
): Promise<void> {
  const { end } = material.vocabulary;
  const prompts = Array.from({ length: 2 * shown }, promptOfName);
  const texts = await sample(model, prompts, { end, ...options.drawing });
  const names = texts.map((text) => material.vocabulary.decode(text).join(""));
  const lines = names.map((name) => {
    const shownName = name.replace(/(^|-)\p{L}/gu, (letter) => letter.toUpperCase());
    return material.names.has(name) ? `${shownName} (in the list)` : shownName;
  });
  terminal.stdout.write(`${lines.join("\n")}\n`);
}

/** Prints the sounds of words. */
async function pronounce(session: Session, options: Options, terminal: Terminal): Promise<void> {
  const { model, settings } = session;
  if (settings.task !== "pronounce") {
    throw new UsageError(`${options.resume} holds a model of names: it pronounces nothing`);
  }
  const words = options.words.map(spelled);
  for (const word of words) {
    if (!isSpelling(word))
      throw new UsageError(`cannot read ${word}: words have the letters a to z, ', - and .`);
    if (promptOf(word).length >= model.config.context) {
      throw new UsageError(
        `${word} is too long: this model reads ${model.config.context - 2} letters at most`,
      );
    }
  }
  model.eval();
  const width = Math.max(...words.map(({ length }) => length));
  for (const word of words) {
    const [written] = await search(model, [promptOf(word)], { end: vocabulary.end, beams: options.beams });
    terminal.stdout.write(`${word.padEnd(width)}  ${vocabulary.decode(written!.tokens).join(" ")}\n`);
  }
}

/** Saves the current state, and says how to resume. */
async function interrupted(session: Session, options: Options): Promise<Interruption> {
  const path = options.save ?? `${session.settings.task}.safetensors`;
  await explained("", () => session.save(path));
  const more = options.compile ? ["--compile"] : [];
  if (options.device !== "cpu") more.push("--device", options.device);
  const command = commandLine("pronounce", "--resume", path, ...more);
  return new Interruption(`interrupted at step ${session.step}, which is saved; go on with: ${command}`);
}

async function all<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const batch of batches) items.push(...batch);
  return items;
}
