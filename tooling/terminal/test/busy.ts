import { runInTerminal } from "../src/index";

/** Computes for so many milliseconds, like a training step. */
function block(milliseconds: number): void {
  for (const start = performance.now(); performance.now() - start < milliseconds; );
}

// Receives the first Ctrl-C, and ignores it.
await runInTerminal(async (_, { stdout, signal }) => {
  stdout.write("started\n");
  signal!.addEventListener("abort", () => stdout.write("asked to end\n"));
  for (;;) {
    block(200);
    await new Promise(setImmediate);
  }
});
