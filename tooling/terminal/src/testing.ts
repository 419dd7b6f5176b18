import { PassThrough } from "node:stream";
import type { Terminal } from "./terminal";

/** A terminal, or a pair of pipes, that records its output. */
export function fakeTerminal(look: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
  const texts = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof texts) => {
    const through = new PassThrough();
    through.on("data", (chunk) => {
      texts[name] += chunk;
    });
    return Object.assign(through, look);
  };
  const terminal = { stdout: stream("stdout"), stderr: stream("stderr") } satisfies Terminal;
  return { terminal, texts };
}

/** Runs a program in this process. */
export async function runApp(
  app: (args: readonly string[], terminal: Terminal) => Promise<number>,
  ...args: string[]
) {
  const { terminal, texts } = fakeTerminal();
  const code = await app(args, terminal);
  return { code, ...texts, lines: texts.stdout.split("\n") };
}
