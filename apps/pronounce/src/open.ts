import { existsSync } from "node:fs";
import { explained, UsageError } from "@thalweg/terminal";
import type { Options } from "./options";
import { Session, SessionError } from "./session";
import { defaults } from "./settings";

/**
 * A new session, or the one that was saved.
 *
 * @throws UsageError when the file does not exist or cannot be used, or has other settings.
 */
export async function openSession({ settings, resume, length, device }: Options): Promise<Session> {
  if (device === "webgpu") await explained("", (await import("thalweg/webgpu")).initWebGPU);
  if (resume === undefined) {
    return explained("", () => new Session({ ...defaults, ...settings }, { length, device }));
  }
  if (!existsSync(resume)) throw new UsageError(`cannot resume from ${resume}: there is no such file`);
  try {
    return await explained(`cannot resume from ${resume}: `, () =>
      Session.resume(resume, settings, { length, device }),
    );
  } catch (error) {
    throw error instanceof SessionError ? new UsageError(`${resume} ${error.message}`) : error;
  }
}
