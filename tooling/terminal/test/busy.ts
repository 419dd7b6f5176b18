import { runInTerminal } from "../src/index";

// Notices the first Ctrl-C, and takes no notice of it.
await runInTerminal(async (_, { stdout, signal }) => {
  stdout.write("started\n");
  signal!.addEventListener("abort", () => stdout.write("asked to end\n"));
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  return 0;
});
