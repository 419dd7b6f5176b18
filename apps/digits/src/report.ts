import type { Moment } from "@thalweg/terminal";
import type { Session } from "./session";
import { accuracy, type Confusion, type Step } from "./train";

export const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const thousands = (value: number) => Math.round(value).toLocaleString("en");

/** The lines of text that describe training. */
export class Report {
  private readonly session: Session;
  private readonly epochs: number;

  constructor(session: Session, epochs: number) {
    this.session = session;
    this.epochs = epochs;
  }

  before(): string[] {
    const { settings, size, epoch } = this.session;
    const { model, optimizer, lr, images } = settings;
    const lines = [
      `${model} with ${thousands(size)} parameters, ${optimizer} with lr ${lr}, ${thousands(images)} images`,
    ];
    if (this.session.isResumed) lines.push(`going on in epoch ${epoch + 1}`);
    return lines;
  }

  /** A line about the epoch that has ended. */
  after(sums: Step, confusion: Confusion): string[] {
    const { loss, share } = meansOf(sums);
    const { session, epochs } = this;
    return [
      `epoch ${session.epoch}/${epochs}: loss ${loss}, accuracy ${share}, test accuracy ${percent(accuracy(confusion))}`,
    ];
  }

  divergence(): string {
    const { lr } = this.session.settings;
    const smaller = Number((lr / 10).toPrecision(6));
    return `training diverged in ${this.epoch}, the loss is not a number; try a smaller rate: --lr ${smaller}`;
  }

  /** The texts beside the progress bar, from the longest to the shortest. */
  bar(moment: Moment): string[][] {
    const { loss, share } = meansOf(this.session.sums);
    const { percent: done, left } = moment;
    const speed = `${thousands(moment.rate)} images/s`;
    return [
      [done, this.epoch, `loss ${loss}`, `accuracy ${share}`, speed, left],
      [done, this.epoch, `loss ${loss}`, speed, left],
      [done, `loss ${loss}`, left],
      [done, left],
      [done],
    ];
  }

  private get epoch(): string {
    return `epoch ${this.session.epoch + 1}/${this.epochs}`;
  }
}

function meansOf({ images, loss, correct }: Step) {
  return { loss: (loss / images).toFixed(4), share: percent(correct / images) };
}

/** Number of mistakes per digit that the table names. */
const mostTaken = 4;

/** The accuracy for each digit, and the digits that it was taken for otherwise. */
export function table(confusion: Confusion): string[] {
  const rows = confusion.map((row, digit) => {
    const images = row.reduce((a, b) => a + b, 0);
    const wrong = row
      .map((count, guess) => ({ count, guess }))
      .filter(({ count, guess }) => count > 0 && guess !== digit)
      .sort((a, b) => b.count - a.count);
    const taken = wrong.map(({ count, guess }) => (count === 1 ? `${guess}` : `${guess} (${count})`));
    if (taken.length > mostTaken) taken.splice(mostTaken, taken.length, "...");
    return [`${digit}`, `${images}`, `${row[digit]}`, percent(row[digit]! / images), taken.join(", ")];
  });
  const head = ["digit", "images", "right", "accuracy", "taken for"];
  const widths = head.map((title, k) => Math.max(title.length, ...rows.map((row) => row[k]!.length)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, k) => (k === row.length - 1 ? cell : cell.padStart(widths[k]!)))
      .join("  ")
      .trimEnd(),
  );
}
