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
import { openSession } from "./open";
import type { Options } from "./options";
import { percent, Report, table } from "./report";
import { type Session, type Team, testCost } from "./session";
import { defaultEpochs } from "./settings";
import { accuracy, type Confusion, confusionOf, readTests, stepOf, training } from "./train";

/**
 * Trains by the options, and prints its progress. Of processes that train together, the first one prints.
 *
 * @throws UsageError, Divergence or Interruption.
 */
export async function run(options: Options, terminal: Terminal): Promise<void> {
  if (!options.distributed) return train(options, terminal);
  const [{ init }, { teamOf }] = await Promise.all([import("@thalweg/distributed"), import("./team")]);
  const world = await init();
  const quiet = options.quiet || world.rank > 0;
  try {
    await train({ ...options, quiet }, terminal, teamOf(world));
  } catch (error) {
    const isToldByFirst = [UsageError, Divergence, Interruption].some((Kind) => error instanceof Kind);
    if (world.rank === 0 || !isToldByFirst) throw error;
  }
}

async function train(options: Options, terminal: Terminal, team?: Team): Promise<void> {
  const session = await openSession(options, team);
  const { settings, data } = session;
  const epochs = options.epochs ?? Math.max(defaultEpochs[settings.model], session.epoch);
  if (epochs < session.epoch) {
    throw new UsageError(`${session.epoch} epochs are done already: ask for more with --epochs`);
  }
  if (options.save !== undefined) checkFolder(options.save);
  const step = stepOf(session, options.compile);
  const report = new Report(session, epochs);
  const progress = new Progress(
    terminal,
    epochs * session.perEpoch,
    !options.quiet,
    (moment) => report.bar(moment),
    session.done,
  );
  const print = (lines: readonly string[]) => options.quiet || progress.print(lines);
  let confusion: Confusion | null = null;
  try {
    print(report.before());
    for await (const moment of training(session, step, epochs)) {
      if (moment.kind === "epoch") {
        confusion = confusionOf(moment.readings);
        print(report.after(moment.sums, confusion));
        if (options.save !== undefined) await saveTo(session, options.save);
      } else if (moment.kind === "test") {
        await progress.tick(session.done + testCost * moment.images);
      } else {
        if (!Number.isFinite(moment.step.loss)) throw new Divergence(report.divergence());
        const goesOn = await progress.tick(session.done);
        if (!(team?.agree(goesOn) ?? goesOn)) throw await interrupted(session, options);
      }
    }
  } finally {
    progress.stop();
  }
  confusion ??= confusionOf(await readTests(session));
  print(["", ...table(confusion), ""]);
  if (team !== undefined && team.rank > 0) return;
  const total = data.test.length;
  const right = Math.round(accuracy(confusion) * total);
  progress.print([`test accuracy: ${percent(right / total)} (${right} of ${total})`]);
}

function saveTo(session: Session, path: string): Promise<void> {
  const save = () => explained("", () => session.save(path));
  return session.team?.onFirst(save) ?? save();
}

/** Saves the current state, and says how to resume. */
async function interrupted(
  session: Session,
  { save, epochs, compile, distributed }: Options,
): Promise<Interruption> {
  const path = save ?? `digits-${session.settings.model}.safetensors`;
  await saveTo(session, path);
  const more = epochs === undefined ? [] : ["--epochs", `${epochs}`];
  if (compile) more.push("--compile");
  if (distributed) more.push("--distributed");
  const command = commandLine("digits", "--resume", path, ...more);
  return new Interruption(
    `interrupted in epoch ${session.epoch + 1}, which is saved; go on with: ${command}`,
  );
}
