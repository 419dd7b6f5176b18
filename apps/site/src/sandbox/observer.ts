import { Module, type Optimizer, Tensor } from "thalweg";
import type { Phase, SandboxEvent, SandboxMessage, Shown } from "./events";

/** A program may do more than anybody wants to see. */
const mostEvents = 5000;
/** Larger tensors are shown by their shape alone. */
const mostElements = 8;
/** Milliseconds between two reports of a program that runs. */
const pace = 50;

let line = 0;
let count = 0;
let events: SandboxEvent[] = [];
let reported = performance.now();
/** Names of the parameters of all modules that were called. */
const names = new Map<Tensor, string>();

function say(message: SandboxMessage): void {
  postMessage(message);
}

function report(): void {
  say({ kind: "events", events, line });
  events = [];
  reported = performance.now();
}

function record(event: SandboxEvent): void {
  ({ line } = event);
  if (++count <= mostEvents) {
    // A part of a step says more about its line than that the line runs.
    if (event.phase !== null && events.at(-1)?.line === line && events.at(-1)!.phase === null) events.pop();
    events.push(event);
  }
  if (performance.now() - reported > pace) report();
}

function show(name: string, x: Tensor): Shown {
  return { name, shape: x.shape, values: x.size > mostElements ? null : Array.from(x.dataSync()) };
}

function showParameters(gradients: boolean): Shown[] {
  return [...names].flatMap(([parameter, name]) => {
    if (!gradients) return [show(name, parameter)];
    return parameter.grad === null ? [] : [show(name, parameter.grad)];
  });
}

function isOptimizer(value: unknown): value is Optimizer {
  return typeof value === "object" && value !== null && "paramGroups" in value;
}

/** Remembers the parameters of a module, or of an optimizer whose model was never called. */
function learnNames(owner: unknown): void {
  if (owner instanceof Module)
    for (const [name, parameter] of owner.namedParameters()) names.set(parameter, name);
  if (!isOptimizer(owner)) return;
  for (const parameter of owner.paramGroups.flatMap(({ params }) => params)) {
    if (!names.has(parameter)) names.set(parameter, parameter.name ?? `parameter ${names.size + 1}`);
  }
}

function phaseOf(name: string, receiver: unknown, result: unknown): [Phase, Shown[]] | null {
  if (name === "forward" && result instanceof Tensor) return ["forward", [show("", result)]];
  if (name === "backward" && receiver instanceof Tensor) return ["backward", showParameters(true)];
  if (name === "step" && isOptimizer(receiver)) return ["update", showParameters(false)];
  return null;
}

/** What a compiled program calls while it runs. */
export const sandbox = {
  /** A line is about to run. */
  line(number: number): void {
    record({ line: number, phase: null, shown: [] });
  },

  /** A part of a statement is about to run, on a line of its own. */
  at(number: number): void {
    line = number;
    if (performance.now() - reported > pace) report();
  },

  /** The program offers a value. */
  deliver(at: number, _value: unknown): void {
    line = at;
  },

  /** Calls a method that may be a part of a training step. */
  method(
    at: number,
    receiver: Record<string, (...values: unknown[]) => unknown>,
    name: string,
    values: unknown[],
  ): unknown {
    line = at;
    learnNames(receiver);
    const result = receiver[name]!(...values);
    const found = phaseOf(name, receiver, result);
    if (found !== null) record({ line: at, phase: found[0], shown: found[1] });
    return result;
  },

  /** Calls a loss function. */
  loss(at: number, f: (...values: unknown[]) => unknown, values: unknown[]): unknown {
    line = at;
    const result = f(...values);
    if (result instanceof Tensor) record({ line: at, phase: "loss", shown: [show("", result)] });
    return result;
  },

  /** The program has come to its end. */
  done(): void {
    report();
    say({ kind: "done" });
  },
};

function fail(error: unknown): void {
  report();
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  say({ kind: "failed", message, line });
}

addEventListener("error", (event) => {
  event.preventDefault();
  fail(event.error);
});
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  fail(event.reason);
});
for (const name of ["log", "info", "warn", "error", "debug"] as const) {
  console[name] = (...values: unknown[]) => say({ kind: "output", text: values.map(String).join(" ") });
}
say({ kind: "started" });
