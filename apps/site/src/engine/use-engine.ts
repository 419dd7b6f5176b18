import { type Remote, wrap } from "comlink";
import { onMounted, onUnmounted, type ShallowRef, shallowRef, watch } from "vue";
import EngineWorker from "./engine.worker?worker";

/** What a program offers: functions of values that can be sent to a worker. */
type Offer = Record<string, (...values: never[]) => unknown>;

/** A worker that computes the numbers of a figure. */
export interface Engine<Program extends Offer> {
  /** The program, once the worker has it. */
  readonly program: Promise<Remote<Program>>;
  /**
   * The answer of a function to the newest arguments. While it is being computed, the last answer stays; arguments that are
   * outdated by then are never sent. Undefined until the first answer, and on the server. Nothing is asked while there are no arguments.
   */
  answer<Name extends keyof Program & string>(
    name: Name,
    values: () => Parameters<Program[Name]> | undefined,
  ): Readonly<ShallowRef<Awaited<ReturnType<Program[Name]>> | undefined>>;
}

/**
 * Starts a worker with the program of a figure, `src/figures/<name>/program.ts`, for as long as the component is on the page.
 *
 * @param FigureWorker a worker that has this program only
 */
export function useEngine<Program extends Offer>(
  name: string,
  FigureWorker: new (options: { name: string }) => Worker = EngineWorker,
): Engine<Program> {
  let worker: Worker | undefined;
  const program = new Promise<Remote<Program>>((resolve) => {
    onMounted(async () => {
      worker = new FigureWorker({ name });
      await new Promise((ready) => worker!.addEventListener("message", ready, { once: true }));
      resolve(wrap<Program>(worker));
    });
  });
  onUnmounted(() => worker?.terminate());

  return {
    program,
    answer(name, values) {
      type Answer = Awaited<ReturnType<Program[typeof name]>>;
      const answer = shallowRef<Answer>();
      let newest: Parameters<Program[typeof name]> | undefined;
      let isBusy = false;
      async function ask(): Promise<void> {
        if (isBusy) return;
        isBusy = true;
        const remote = (await program) as Record<string, (...values: unknown[]) => Promise<Answer>>;
        for (let next = newest; next !== undefined; next = newest) {
          newest = undefined;
          answer.value = await remote[name]!(...next);
        }
        isBusy = false;
      }
      onMounted(() =>
        watch(
          values,
          (given) => {
            newest = given;
            void ask();
          },
          { immediate: true },
        ),
      );
      return answer;
    },
  };
}
