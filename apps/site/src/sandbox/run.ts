import type { SandboxEvent, SandboxMessage } from "./events";
import type { Problem } from "./problem";

/** What became of a program. */
export interface Run {
  readonly events: readonly SandboxEvent[];
  /** What it printed. */
  readonly output: readonly string[];
  /** What came of the value that it offers by default. */
  readonly result: unknown;
  /** What went wrong. */
  readonly problems: readonly Problem[];
}

/** Milliseconds that a program may take, and the library to arrive. */
const patience = { program: 1000, library: 30_000 };

/**
 * Runs a compiled program in a worker of its own.
 *
 * @param task what its host is to do with what it offers
 */
export async function runCode(code: string, tooLong: (seconds: number) => string, task = ""): Promise<Run> {
  const source = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    return await runWorker(new Worker(source, { type: "module", name: task }), tooLong);
  } finally {
    URL.revokeObjectURL(source);
  }
}

/** Listens to a program in a worker that was just started, and ends it after a second. */
export async function runWorker(worker: Worker, tooLong: (seconds: number) => string): Promise<Run> {
  const events: SandboxEvent[] = [];
  const output: string[] = [];
  let line: number | null = null;
  let result: unknown;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const problem = await new Promise<Problem | null>((resolve) => {
      const fail = (message: string) => resolve({ kind: "run", message, line });
      const wait = (time: number) => {
        clearTimeout(timer);
        timer = setTimeout(() => fail(tooLong(time / 1000)), time);
      };
      wait(patience.library);
      worker.onerror = (event) => {
        event.preventDefault();
        fail(event.message);
      };
      worker.onmessage = ({ data }: MessageEvent<SandboxMessage>) => {
        if (data.kind === "started" || data.kind === "progress") wait(patience.program);
        else if (data.kind === "output") output.push(data.text);
        else if (data.kind === "result") result = data.value;
        else if (data.kind === "done") resolve(null);
        else {
          ({ line } = data);
          if (data.kind === "events") events.push(...data.events);
          else fail(data.message);
        }
      };
    });
    return { events, output, result, problems: problem === null ? [] : [problem] };
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}
