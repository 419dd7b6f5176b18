import { Command, InvalidArgumentError } from "commander";
import { serve } from "./serve";

function port(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value < 65_536) return value;
  throw new InvalidArgumentError("It must be a port, from 0 to 65535.");
}

const { port: wanted } = new Command("site")
  .description("Serve the site, as it was built, on this machine.")
  .option("--port <number>", "port; 0 for any free one", port, 4173)
  .parse()
  .opts<{ port: number }>();

try {
  const { url } = await serve(wanted);
  console.log(`Thalweg's site: ${url}\nStop it with Ctrl+C.`);
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
  console.error(`error: port ${wanted} is taken; choose another with --port`);
  process.exitCode = 2;
}
