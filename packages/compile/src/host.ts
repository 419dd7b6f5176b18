import { type KernelCall, pushCallLayer, setRecorder } from "@thalweg/kernels";
import { type Executable, numbersOf } from "./executable";
import type { HostAction } from "./recording";

/** What JavaScript does before the kernels of a program run. */
export class Host {
  private readonly recorded: readonly HostAction[];
  private readonly actions: readonly (() => boolean)[];
  private readonly executable: Executable;

  constructor(recorded: readonly HostAction[], executable: Executable) {
    this.recorded = recorded;
    this.executable = executable;
    this.actions = recorded.map((action) => this.actionOf(action));
  }

  /** Does everything again. Returns false, with nothing changed, where the program no longer fits. */
  run(): boolean {
    const { actions } = this;
    let done = 0;
    try {
      while (done < actions.length && actions[done]!()) done++;
    } catch (error) {
      this.undo(done);
      throw error;
    }
    if (done === actions.length) return true;
    this.undo(done);
    return false;
  }

  /** Takes the first actions back; all unless given. */
  undo(count: number = this.recorded.length): void {
    for (let i = count - 1; i >= 0; i--) {
      const action = this.recorded[i]!;
      if (action.kind === "step") action.step.undo();
    }
  }

  private actionOf(action: HostAction): () => boolean {
    const { executable } = this;
    if (action.kind === "step") return action.step.run;
    if (action.kind === "rerun") return () => (action.isStale() ? this.rerun(action) : true);
    const compute = action.call.numbers!;
    const isThere = executable.has(action.call);
    return () => {
      const numbers = compute();
      if (numbers === null) return false;
      if (isThere && numbers !== undefined) executable.setNumbers(action.call, numbers);
      return true;
    };
  }

  /** Runs JavaScript again for the numbers of its kernel calls. */
  private rerun({ run, calls }: Extract<HostAction, { kind: "rerun" }>): boolean {
    let count = 0;
    let fits = true;
    const remove = pushCallLayer((call) => {
      const recorded = calls[count++];
      if (recorded === undefined || !isSameCall(recorded.call, call)) fits = false;
      else this.executable.setNumbers(recorded, numbersOf(call));
    });
    const outer = setRecorder(null);
    try {
      run();
    } finally {
      setRecorder(outer);
      remove();
    }
    return fits && count === calls.length;
  }
}

function isSameCall(a: KernelCall, b: KernelCall): boolean {
  if (a.kind !== b.kind) return false;
  if ("program" in a && a.program !== (b as typeof a).program) return false;
  return numbersOf(a).length === numbersOf(b).length;
}
