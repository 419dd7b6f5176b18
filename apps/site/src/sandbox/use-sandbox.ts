import { computed, shallowRef } from "vue";
import { useMessages } from "../frame/language";
import type { SandboxEvent } from "./events";
import { messages } from "./messages";
import type { Problem } from "./problem";
import { type Run, runCode, runWorker } from "./run";
import { useCompiler } from "./use-compiler";

/** Compiles programs in TypeScript and runs them, one at a time, away from the page. */
export function useSandbox() {
  const text = useMessages(messages);
  const compiler = useCompiler();
  const isBusy = shallowRef(false);
  const problems = shallowRef<readonly Problem[]>([]);
  const events = shallowRef<readonly SandboxEvent[]>([]);
  const output = shallowRef<readonly string[]>([]);

  function take(run: Run): void {
    events.value = run.events;
    output.value = run.output;
    problems.value = run.problems;
  }

  /** Does one thing at a time. */
  async function alone(work: () => Promise<void>): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true;
    try {
      await work();
    } finally {
      isBusy.value = false;
    }
  }

  return {
    isBusy: computed(() => isBusy.value),
    /** What is wrong with the last program. */
    problems,
    /** What it did. */
    events,
    /** What it printed. */
    output,
    /** Runs a program that the build has compiled into a worker. */
    runWorker: (worker: Worker) => alone(async () => take(await runWorker(worker, text.value.tooLong))),
    /** Checks a program, and runs it if nothing is wrong with it. */
    runSource: (source: string) =>
      alone(async () => {
        const { code, problems: found } = await (await compiler()).compile(source, "program");
        if (code !== null) take(await runCode(code, text.value.tooLong));
        else take({ events: [], output: [], result: undefined, problems: found });
      }),
  };
}
