import { runInTerminal } from "../src/index";

/** Computes for so many milliseconds, as a step of training does. */
function block(milliseconds: number): void {
  for (const start = performance.now(); performance.now() - start < milliseconds; );
}

// Notices the first Ctrl-C, and takes no notice of it.
await runInTerminal(async (_, { stdout, signal }) => {
  stdout.write("started\n");
  signal!.addEventListener("abort", () => stdout.write("asked to end\n"));
  for (;;) {
    block(200);
    await new Promise(setImmediate);
  }
});
