import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Answer, Greeting, Request } from "../protocol";
import { roster, type ScriptId, versionOf } from "../roster";
import { Stage } from "../stage";
import { starts } from "./starts";

/** A separate process for each: no shared heap, compiler, threads or globals. */

const write = (message: Answer | Greeting) => process.stdout.write(`${JSON.stringify(message)}\n`);
console.log = console.error;

function readInput({ shape, file }: { shape: readonly number[]; file: string }) {
  const bytes = readFileSync(file);
  return {
    shape,
    values: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
  };
}

async function answer(stage: Stage, request: Request): Promise<Answer> {
  switch (request.do) {
    case "prepare":
      return stage.prepare(request.problem, request.inputs.map(readInput))
        ? { done: true }
        : { lacking: true };
    case "run":
      return { nanoseconds: await stage.run(request.count) };
    case "result":
      writeFileSync(request.file, await stage.result());
      return { done: true };
  }
}

const id = process.argv[2] as ScriptId;
const stage = new Stage(await (await starts[id]())("cpu"));
write({ name: roster[id].name, version: versionOf(id) });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    write(await answer(stage, JSON.parse(line)));
  } catch (error) {
    write({ error: error instanceof Error ? error.message : String(error) });
  }
}
