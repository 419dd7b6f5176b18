import { setImmediate } from "node:timers/promises";
import cliProgress, { type MultiBar, type Options, type Params } from "cli-progress";
import { Interruption } from "./failure";
import type { Terminal } from "./terminal";

/** A run that is over sooner, in milliseconds, needs no bar. */
const patience = 1000;
/** How often the event loop gets its turn, in milliseconds. */
const interval = 50;
/** Characters that the bar itself takes. */
const [narrowest, widest] = [8, 40];

/** Prints lines, and below them, on terminals, a bar for runs that take a while. */
export class Progress {
  private readonly terminal: Terminal;
  private readonly epochs: number;
  private readonly visible: boolean;
  private readonly start = performance.now();
  private turn = this.start;
  private bars: MultiBar | null = null;
  private bar: ReturnType<MultiBar["create"]> | null = null;

  constructor(terminal: Terminal, epochs: number, visible: boolean) {
    this.terminal = terminal;
    this.epochs = epochs;
    this.visible = visible && terminal.stderr.isTTY === true && process.env.TERM !== "dumb";
  }

  /**
   * Says how far training has come.
   *
   * @param done epochs, with fractions
   * @throws Interruption when the user pressed Ctrl-C.
   */
  async tick(done: number): Promise<void> {
    const now = performance.now();
    if (now - this.turn < interval) return;
    this.turn = now;
    if (this.visible && this.bar === null && now - this.start > patience) this.open(done);
    this.bar?.update(done);
    await setImmediate();
    if (this.terminal.signal?.aborted) throw new Interruption(`interrupted after ${Math.floor(done)} epochs`);
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
      etaBuffer: 40,
      forceRedraw: true,
      linewrap: true,
    });
    this.bar = this.bars.create(this.epochs, done);
  }

  private text(
    options: Options,
    { progress, value, eta, maxWidth = 80 }: Params & { maxWidth?: number },
  ): string {
    const rate = (1000 * value) / (performance.now() - this.start);
    const percent = `${Math.floor(100 * progress)}%`;
    const left = Number.isFinite(Number(eta)) ? `${cliProgress.Format.TimeFormat(eta, options, 1)} left` : "";
    const epoch = `epoch ${Math.floor(value)}/${this.epochs}`;
    const speed = `${rate < 10 ? rate.toPrecision(2) : Math.round(rate)} epochs/s`;
    const texts = [[percent, epoch, speed, left], [percent, speed, left], [percent, left], [percent]];
    const room = maxWidth - 2;
    const fitting =
      texts.map((parts) => parts.join("  ")).find((text) => text.length + narrowest <= room) ?? percent;
    const barsize = Math.min(widest, room - fitting.length);
    return barsize < narrowest
      ? percent
      : `${cliProgress.Format.BarFormat(progress, { ...options, barsize })} ${fitting}`;
  }
}
