import type { Moment } from "@thalweg/terminal";
import type { ErrorRates, Reading } from "./evaluate";
import type { Session } from "./session";

export const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const thousands = (value: number) => Math.round(value).toLocaleString("en");

/** The lines of text that describe training. */
export class Report {
  private readonly session: Session;
  private readonly start: { readonly seconds: number };
  private tokens = 0;
  private loss = Number.NaN;

  constructor(session: Session) {
    this.session = session;
    this.start = { seconds: session.seconds };
  }

  before(): string[] {
    const { settings, size, step, material, isResumed } = this.session;
    const { task, preset } = settings;
    const { train, validation } = material;
    const what = task === "names" ? "names" : "pronunciations";
    const lines = [
      `${preset} with ${thousands(size)} parameters, ${thousands(train.length)} ${what} to learn, ${thousands(validation.length)} held out`,
    ];
    if (isResumed) lines.push(`going on after step ${thousands(step)}`);
    return lines;
  }

  /** Takes note of a step: the mean loss of so many tokens. */
  add(loss: number, tokens: number): void {
    // A running mean over some fifty steps.
    this.loss = Number.isNaN(this.loss) ? loss : 0.98 * this.loss + 0.02 * loss;
    this.tokens += tokens;
  }

  /** A line about the training so far. */
  progress(loss: number, validation: number, rates: ErrorRates | null): string {
    const { step } = this.session;
    const errors = rates === null ? "" : `, phoneme errors ${percent(rates.phonemes)}`;
    return `step ${thousands(step)}: loss ${loss.toFixed(4)}, held out ${validation.toFixed(4)}${errors}`;
  }

  divergence(): string {
    return `training diverged at step ${thousands(this.session.step)}, the loss is not a number; try a smaller --preset`;
  }

  /** The texts beside the progress bar, from the longest to the shortest. */
  bar({ percent: done, left }: Moment): string[][] {
    const { session, tokens, start } = this;
    const loss = `loss ${Number.isNaN(this.loss) ? "–" : this.loss.toFixed(4)}`;
    const rate = `lr ${session.scheduler.getLastLr()[0]!.toPrecision(2)}`;
    const speed = `${thousands(tokens / Math.max(1e-9, session.seconds - start.seconds))} tokens/s`;
    return [
      [done, loss, rate, speed, left],
      [done, loss, speed, left],
      [done, loss, left],
      [done, left],
      [done],
    ];
  }
}

/** Words with the sounds that a model gives them, and the right ones. */
export function table(readings: readonly Reading[]): string[] {
  const rows = readings.map(({ word, sound }) => [
    word.spelling,
    sound.join(" "),
    word.sounds.map((right) => right.join(" ")).join(", "),
  ]);
  return columns([["word", "the model", "the dictionary"], ...rows]);
}

/** Rows as lines, with columns of equal width. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, k) => Math.max(...rows.map((row) => row[k]!.length)));
  return rows.map((row) =>
    row
      .map((text, k) => text.padEnd(widths[k]!))
      .join("  ")
      .trimEnd(),
  );
}
