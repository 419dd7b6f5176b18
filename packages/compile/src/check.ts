import { type Storage, type View, writtenBy } from "@thalweg/kernels";
import { Tensor, ThalwegError } from "@thalweg/tensor";
import { operationsOf } from "./explain";
import { misfit, type Program } from "./program";
import { copied, copyInto } from "./recording";
import { slotOf } from "./slot";
import { type Found, formOf } from "./values";

/**
 * Runs a program and then the function, both from the same state, and compares what can be seen after them. The state after
 * it is that of the function.
 *
 * @throws ThalwegError that names what differs, and the operation that computed it.
 */
export function compareWithEager(op: string, program: Program, eager: () => unknown): unknown {
  const restore = snapshot(program);
  const result = program.run();
  if (result === misfit) return misfit;
  const ours = observed(program, result);
  program.host.undo();
  restore();
  const expected = eager();
  const theirs = observed(program, expected);
  for (const [i, { name, data, storage }] of ours.entries()) {
    const other = theirs[i]!.data;
    const at = data.findIndex((value, k) => !Object.is(value, other[k]));
    if (at < 0 && data.length === other.length) continue;
    throw new ThalwegError(
      op,
      `${name} differs from eager at element ${at}, ${data[at]} and ${other[at]}; ${madeBy(program, storage)}`,
      "please report this with the function",
    );
  }
  return expected;
}

/** Copies what a program may change; the function that it returns restores it. */
function snapshot(program: Program): () => void {
  const written = program.writtenStorages().map((of) => ({ of, copy: copied(of), version: of.version }));
  const gradients = program.outcome.leaves.map(({ tensor }) => tensor.gradient);
  for (const gradient of gradients) gradient?.storage.retain();
  const states = [...program.counts.keys()].map((generator) => [generator, generator.getState()] as const);
  return () => {
    for (const { of, copy, version } of written) {
      copyInto(of, copy);
      copy.release();
      of.version = version;
    }
    program.outcome.leaves.forEach(({ tensor }, i) => {
      tensor.keepGradient(gradients[i]!);
      gradients[i]?.storage.release();
    });
    for (const [generator, state] of states) generator.setState(state);
  };
}

interface Observed {
  readonly name: string;
  readonly data: readonly number[];
  readonly storage: Storage;
}

/** What can be seen after a run: results, gradients, and memory from outside. */
function observed(program: Program, result: unknown): Observed[] {
  const seen: Found[] = [];
  formOf("check", result, "the result", seen);
  for (const { tensor } of program.outcome.leaves) {
    const path = `the gradient of ${tensor.name ?? "a tensor"}`;
    if (tensor.gradient !== null) seen.push({ tensor: tensor.gradient, path });
  }
  for (const { storage, layout, name } of program.outsideTensors()) {
    seen.push({ tensor: new Tensor(storage, layout), path: name });
  }
  return seen.map(({ tensor, path }) => ({
    name: path,
    data: Array.from(tensor.dataSync()),
    storage: tensor.storage,
  }));
}

/** The operations that wrote a storage last. */
function madeBy({ outcome: { targets }, executable }: Program, storage: Storage): string {
  const target = targets.find((each) => each.storage === storage);
  const isOf = (view: View) => (target ? slotOf(view) === target.slot : slotOf(view).storage === storage);
  const step = executable.steps.findLast(({ recorded: { call } }) => writtenBy(call).some(isOf));
  return step === undefined
    ? "no kernel wrote it"
    : `computed by ${operationsOf(step.recorded.call).join(" + ")}`;
}
