import { computed, onUnmounted, shallowRef, watch } from "vue";
import { useMessages } from "../frame/language";
import { messages as sandboxMessages } from "../sandbox/messages";
import type { Problem } from "../sandbox/problem";
import { runCode } from "../sandbox/run";
import { useCompiler } from "../sandbox/use-compiler";
import { messages } from "./messages";
import type { Course, Run } from "./run";

/**
 * An optimizer that the reader has written. It is compiled and runs in a worker of its own, again for each new course.
 *
 * @param source the program; empty for none
 */
export function usePlugin(source: () => string, course: () => Course) {
  const text = useMessages(messages);
  const tooLong = useMessages(sandboxMessages);
  const compiler = useCompiler();
  const isBusy = shallowRef(false);
  const problems = shallowRef<readonly Problem[]>([]);
  const run = shallowRef<Run>();
  let compiled: { readonly source: string; readonly code: string | null } | undefined;
  let isGone = false;

  async function compile(program: string): Promise<string | null> {
    if (compiled?.source === program) return compiled.code;
    const { code, problems: found } = await (await compiler()).compile(program, "optimizer");
    compiled = { source: program, code };
    problems.value = found;
    return code;
  }

  async function race(program: string, where: Course): Promise<void> {
    run.value = undefined;
    const code = program === "" ? null : await compile(program);
    if (code === null) return;
    const done = await runCode(code, tooLong.value.tooLong, JSON.stringify(where));
    const isSilent = done.problems.length === 0 && done.result === undefined;
    problems.value = isSilent ? [{ kind: "run", message: text.value.noExport, line: null }] : done.problems;
    run.value = done.result as Run | undefined;
  }

  const wanted = computed(() => JSON.stringify([source(), course()]));

  /** Runs what is newest, until nothing is newer. */
  async function update(): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true;
    for (let last = ""; last !== wanted.value && !isGone; ) {
      last = wanted.value;
      if (source() === "") problems.value = [];
      await race(source(), course());
    }
    isBusy.value = false;
  }

  onUnmounted(() => {
    isGone = true;
  });
  return {
    /** Whether it is being compiled, or runs. */
    isBusy: computed(() => isBusy.value),
    /** What is wrong with it. */
    problems,
    /** What it did. */
    run,
    /** Begins to follow the source and the course. */
    start: () => watch(wanted, () => void update(), { immediate: true }),
    /** Runs the same program once more. */
    again: () => void update(),
  };
}
