import { setImmediate } from "node:timers/promises";
import cliProgress, { type MultiBar, type Options, type Params } from "cli-progress";
import { Pace } from "./pace";
import type { Terminal } from "./terminal";

/** A run shorter than this, in milliseconds, needs no bar. */
const patience = 1000;
/** The interval at which the event loop gets its turn, in milliseconds. */
const interval = 50;
/** Width of the bar itself in characters. */
const [narrowest, widest] = [8, 40];

/** The progress of a run, for the text beside the bar. */
export interface Moment {
  /** Completed share, `40%`. */
  readonly percent: string;
  /** Completed work, in the unit of the total. */
  readonly done: number;
  /** Work per second. */
  readonly rate: number;
  /** Remaining time, `6s left`; empty while it is unknown. */
  readonly left: string;
}

/** Returns ever shorter texts, so that one of them fits beside the bar. */
type Describe = (moment: Moment) => readonly (readonly string[])[];

/** Prints lines, and below them, on terminals, a bar for long runs. */
export class Progress {
  private readonly terminal: Terminal;
  private readonly total: number;
  private readonly visible: boolean;
  private readonly describe: Describe;
  private readonly start = performance.now();
  private readonly pace: Pace;
  private turn = this.start;
  private bars: MultiBar | null = null;
  private bar: ReturnType<MultiBar["create"]> | null = null;

  /**
   * @param total the whole amount of work
   * @param from the part of it that was done in an earlier run
   */
  constructor(terminal: Terminal, total: number, visible: boolean, describe: Describe, from = 0) {
    this.terminal = terminal;
    this.total = total;
    this.describe = describe;
    this.pace = new Pace(this.start, from);
    this.visible = visible && terminal.stderr.isTTY === true && process.env.TERM !== "dumb";
  }

  /**
   * Updates the progress, and lets the event loop run now and then.
   *
   * @param done in the unit of the total, with fractions
   * @returns whether to go on: false when the user pressed Ctrl-C
   */
  async tick(done: number): Promise<boolean> {
    const now = performance.now();
    if (now - this.turn >= interval) {
      this.turn = now;
      this.pace.add(now, done);
      if (this.visible && this.bar === null && now - this.start > patience) this.open(done);
      this.bar?.update(done);
      await setImmediate();
    }
    return !this.terminal.signal?.aborted;
  }

  /** Prints lines above the bar. */
  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const text = `${lines.join("\n")}\n`;
    if (this.bars === null) {
      this.terminal.stdout.write(text);
    } else {
      this.bars.log(text);
      this.bars.update();
    }
  }

  /** Removes the bar. */
  stop(): void {
    this.bars?.stop();
    this.bars = null;
    this.bar = null;
  }

  private open(done: number): void {
    this.bars = new cliProgress.MultiBar({
      stream: this.terminal.stderr,
      format: (options, params) => this.text(options, params),
      barCompleteChar: "█",
      barIncompleteChar: "░",
      clearOnComplete: true,
      forceRedraw: true,
      linewrap: true,
    });
    this.bar = this.bars.create(this.total, done);
  }

  private text(options: Options, { progress, value, maxWidth = 80 }: Params & { maxWidth?: number }): string {
    const { rate, isKnown } = this.pace;
    const percent = `${Math.floor(100 * progress)}%`;
    const seconds = Math.max(1, Math.round((this.total - value) / rate));
    const left = isKnown && rate > 0 ? `${cliProgress.Format.TimeFormat(seconds, options, 1)} left` : "";
    const texts = this.describe({ percent, done: value, rate, left });
    const room = maxWidth - 2;
    const fitting =
      texts.map((parts) => parts.join("  ")).find((text) => text.length + narrowest <= room) ?? percent;
    const barsize = Math.min(widest, room - fitting.length);
    return barsize < narrowest
      ? percent
      : `${cliProgress.Format.BarFormat(progress, { ...options, barsize })} ${fitting}`;
  }
}
