import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Contestant, Runner } from "../contestant";
import type { Answer, Greeting, Request } from "../protocol";

/** A process of its own for each: no shared heap, no shared compiler, nobody's threads or globals. */
const contestants: Record<string, () => Promise<Contestant>> = {
  thalweg: async () => (await import("./thalweg")).thalweg,
  "jax-js": async () => (await import("./jax-js")).jaxJs,
  "tfjs-wasm": async () => (await import("./tfjs-wasm")).tfjsWasm,
};

const write = (message: Answer | Greeting) => process.stdout.write(`${JSON.stringify(message)}\n`);
console.log = console.error;

let runner: Runner | null = null;

function readInput({ shape, file }: { shape: readonly number[]; file: string }) {
  const bytes = readFileSync(file);
  return {
    shape,
    values: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
  };
}

function prepare(contestant: Contestant, request: Request & { do: "prepare" }): Answer {
  runner?.dispose?.();
  const { problem } = request;
  const setup = contestant.cases[problem.kind] as
    | ((p: typeof problem, i: unknown) => Runner | null)
    | undefined;
  runner = setup?.(problem, request.inputs.map(readInput)) ?? null;
  return runner ? { done: true } : { lacking: true };
}

async function run(count: number): Promise<Answer> {
  runner!.begin?.();
  const start = performance.now();
  await runner!.run(count);
  return { nanoseconds: (performance.now() - start) * 1e6 };
}

async function answer(contestant: Contestant, request: Request): Promise<Answer> {
  switch (request.do) {
    case "prepare":
      return prepare(contestant, request);
    case "run":
      return run(request.count);
    case "result":
      writeFileSync(request.file, runner!.result());
      return { done: true };
  }
}

const contestant = await contestants[process.argv[2]!]!();
write({ name: contestant.name, version: contestant.version });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    write(await answer(contestant, JSON.parse(line)));
  } catch (error) {
    write({ error: error instanceof Error ? error.message : String(error) });
  }
}
