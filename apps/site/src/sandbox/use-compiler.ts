import { type Remote, wrap } from "comlink";
import { onUnmounted } from "vue";
import type { CompilerOffer } from "./compiler.worker";
import CompilerWorker from "./compiler.worker?worker";

/** TypeScript's compiler, with the declarations of the library, in a worker that starts when it is first asked for. */
export function useCompiler(): () => Promise<Remote<CompilerOffer>> {
  let worker: Worker | undefined;
  let compiler: Promise<Remote<CompilerOffer>> | undefined;
  onUnmounted(() => worker?.terminate());
  return () =>
    (compiler ??= new Promise((resolve) => {
      worker = new CompilerWorker();
      worker.addEventListener("message", () => resolve(wrap<CompilerOffer>(worker!)), { once: true });
    }));
}
