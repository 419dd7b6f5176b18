import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Input, Problem } from "./contestant";
import type { Answer, Greeting, Request } from "./protocol";
import type { Remote } from "./remote";
import type { Id } from "./roster";

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const pytorch = path("contestants/pytorch.py");

/** Debian's python3 has Debian's torch, even if another python3 comes first in PATH. */
const pythons = ["python3", "/usr/bin/python3"];

/** A contestant in a separate process. */
export class ContestantProcess implements Remote {
  private readonly directory = mkdtempSync(join(tmpdir(), "thalweg-bench-"));

  private constructor(
    readonly id: Id,
    readonly name: string,
    readonly version: string,
    private readonly child: ChildProcessByStdio<Writable, Readable, Readable>,
    private readonly answers: AsyncIterator<string>,
  ) {}

  /** Starts one; throws with its last output if it does not start. */
  static async start(id: Id): Promise<ContestantProcess> {
    if (id !== "pytorch") {
      return ContestantProcess.spawn(id, process.execPath, [
        "--import",
        "tsx",
        path("contestants/child.ts"),
        id,
      ]);
    }
    const failures: unknown[] = [];
    for (const python of pythons) {
      try {
        return await ContestantProcess.spawn(id, python, [pytorch]);
      } catch (error) {
        failures.push(error);
      }
    }
    throw failures.at(-1);
  }

  private static async spawn(id: Id, program: string, args: readonly string[]) {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    let complaint = "";
    child.stderr.on("data", (text) => {
      complaint += text;
    });
    const failure = new Promise<never>((_, reject) => child.on("error", reject));
    failure.catch(() => {});
    const lines: Interface = createInterface({ input: child.stdout });
    const answers = lines[Symbol.asyncIterator]();
    const first = await Promise.race([answers.next(), failure]);
    if (first.done) throw new Error(/^\w*Error.*$/m.exec(complaint)?.[0] ?? `${program} said nothing`);
    const { name, version } = JSON.parse(first.value) as Greeting;
    return new ContestantProcess(id, name, version, child, answers);
  }

  /** Throws the contestant's errors. */
  private async ask(request: Request): Promise<Exclude<Answer, { error: string }>> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
    const { done, value } = await this.answers.next();
    if (done) throw new Error(`${this.name} went away`);
    const answer = JSON.parse(value) as Answer;
    if ("error" in answer) throw new Error(`${this.name}: ${answer.error}`);
    return answer;
  }

  async prepare(problem: Problem, inputs: readonly Input[]): Promise<boolean> {
    const files = inputs.map(({ shape, values }, i) => {
      const file = join(this.directory, `input-${i}`);
      writeFileSync(file, values);
      return { shape, file };
    });
    return !("lacking" in (await this.ask({ do: "prepare", problem, inputs: files })));
  }

  async run(count: number): Promise<number> {
    const answer = await this.ask({ do: "run", count });
    if (!("nanoseconds" in answer)) throw new Error(`${this.name} did not tell the time`);
    return answer.nanoseconds;
  }

  async result(): Promise<Float32Array> {
    const file = join(this.directory, "result");
    await this.ask({ do: "result", file });
    return new Float32Array(Uint8Array.from(readFileSync(file)).buffer);
  }

  stop(): void {
    this.child.stdin.end();
    this.child.kill();
    rmSync(this.directory, { recursive: true });
  }
}
