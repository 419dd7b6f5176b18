import { app } from "./app";

const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort());
// Whoever reads our output may have seen enough: `demo | head -1`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

process.exitCode = await app(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
});
