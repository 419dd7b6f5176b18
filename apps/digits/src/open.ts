import { existsSync } from "node:fs";
import { explained, UsageError } from "@thalweg/terminal";
import { readImages } from "./digits";
import type { Options } from "./options";
import { Session, SessionError, type Team } from "./session";
import { defaults, type Settings } from "./settings";

/**
 * A new session, or the one that was saved.
 *
 * @param team the processes that train together; this one alone unless given
 * @throws UsageError when the file does not exist or cannot be used, or has other settings.
 */
export async function openSession({ settings, resume }: Options, team?: Team): Promise<Session> {
  if (resume === undefined) {
    const all = { ...defaults, ...settings };
    if (team !== undefined) checkTeam(all, team);
    return explained("", () => new Session(all, readImages(), "cpu", team));
  }
  if (!existsSync(resume)) throw new UsageError(`cannot resume from ${resume}: there is no such file`);
  try {
    return await explained(`cannot resume from ${resume}: `, async () =>
      Session.resume((await team?.read(resume)) ?? resume, readImages(), { settings, team }),
    );
  } catch (error) {
    throw error instanceof SessionError ? new UsageError(`${resume} ${error.message}`) : error;
  }
}

/** Throws unless processes can train together by these settings. */
function checkTeam({ optimizer, batchSize }: Settings, { size }: Team): void {
  if (size > 1 && optimizer === "lbfgs") {
    throw new UsageError(
      "lbfgs looks at the loss, of which each process has its own: choose another optimizer",
    );
  }
  if (batchSize % size === 0) return;
  const next = Math.ceil(batchSize / size) * size;
  throw new UsageError(
    `${size} processes cannot divide batches of ${batchSize} images: use --batch-size ${next}`,
  );
}
