import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import {
  commandLine,
  Divergence,
  Interruption,
  Progress,
  type Terminal,
  UsageError,
} from "@thalweg/terminal";
import { defaultEpochs, type Options } from "./options";
import { percent, Report, table } from "./report";
import { Session } from "./session";
import { accuracy, type Confusion, stepOf, test, trainEpoch } from "./train";

/** The cost of testing with an image, relative to training with one. */
const testing = 0.3;

/**
 * Trains by the options, and prints its progress.
 *
 * @throws UsageError, Divergence or Interruption.
 */
export async function run(options: Options, terminal: Terminal): Promise<void> {
  const session = await Session.open(options);
  const { settings, model, data } = session;
  const epochs = options.epochs ?? Math.max(defaultEpochs[settings.model], session.epoch);
  if (epochs < session.epoch) {
    throw new UsageError(`${session.epoch} epochs are done already: ask for more with --epochs`);
  }
  if (options.save !== undefined) checkFolder(options.save);
  const step = stepOf(model, session.optimizer, options.compile);
  const report = new Report(session, epochs);
  const perEpoch = data.train.length + testing * data.test.length;
  const done = () => session.epoch * perEpoch + session.sums.images;
  const tested = (images: number) => progress.tick(done() + testing * images);
  const progress = new Progress(
    terminal,
    epochs * perEpoch,
    !options.quiet,
    (moment) => report.bar(moment),
    done(),
  );
  const print = (lines: readonly string[]) => options.quiet || progress.print(lines);
  let confusion: Confusion | null = null;
  try {
    print(report.before());
    while (session.epoch < epochs) {
      for (const sums of trainEpoch(model, step, session.loader)) {
        session.add(sums);
        if (!Number.isFinite(sums.loss)) throw new Divergence(report.divergence());
        if (!(await progress.tick(done()))) throw await interrupted(session, options);
      }
      confusion = await test(model, data.test, tested);
      print(report.after(confusion));
      session.endEpoch();
      if (options.save !== undefined) await session.save(options.save);
    }
  } finally {
    progress.stop();
  }
  confusion ??= await test(model, data.test, async () => {});
  print(["", ...table(confusion), ""]);
  const total = data.test.length;
  const right = Math.round(accuracy(confusion) * total);
  progress.print([`test accuracy: ${percent(right / total)} (${right} of ${total})`]);
}

/** Throws at the start, not after the first epoch, if a file cannot be written. */
function checkFolder(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch {
    throw new UsageError(`cannot write ${path}: its folder does not exist, or cannot be written to`);
  }
}

/** Saves the current state, and says how to resume. */
async function interrupted(session: Session, { save, epochs, compile }: Options): Promise<Interruption> {
  const path = save ?? `digits-${session.settings.model}.safetensors`;
  await session.save(path);
  const more = epochs === undefined ? [] : ["--epochs", `${epochs}`];
  if (compile) more.push("--compile");
  const command = commandLine("digits", "--resume", path, ...more);
  return new Interruption(
    `interrupted in epoch ${session.epoch + 1}, which is saved; go on with: ${command}`,
  );
}
