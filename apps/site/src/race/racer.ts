import { ArgumentError, type Optimizer, type OptimizerClass } from "thalweg";
import type { SandboxMessage } from "../sandbox/events";
import { sandbox as observer } from "../sandbox/observer";
import { type Course, run } from "./run";

export * from "thalweg";

type RacingClass = OptimizerClass<{ lr: number }, Optimizer<{ lr: number }>>;

const say = (message: SandboxMessage) => postMessage(message);

/** What a program with an optimizer calls while it runs: the optimizer that it offers runs the course that the worker is named by. */
export const sandbox = {
  ...observer,
  deliver(at: number, Class: RacingClass): void {
    observer.deliver(at, Class);
    if (typeof Class !== "function" || Class.defaults?.lr === undefined) {
      throw new ArgumentError(
        "race",
        "what the program exports is no optimizer with an option lr",
        "make it with defineOptimizer",
      );
    }
    const course: Course = JSON.parse(self.name);
    const value = run(
      (params, lr) => new Class(params, { lr }),
      course,
      () => say({ kind: "progress" }),
    );
    say({ kind: "result", value });
  },
};
