import { enableGrad } from "@thalweg/autograd";
import { compile } from "@thalweg/compile";
import { defaultGenerator, setWebAssembly, type Tensor, tensor } from "@thalweg/tensor";
import { formatShape } from "@thalweg/tensor/internal";
import { leavesAt, seeded } from "./law-inputs";
import { seedLike } from "./op-call";

/** Something that computes, and what it keeps from call to call. */
export interface Twin {
  readonly call: (...inputs: Tensor[]) => (Tensor | null)[];
  readonly kept?: () => (Tensor | null)[];
}

/** Elements as text, from which every bit can be told but those of a NaN. */
export function exactly(x: Tensor | null): string {
  if (x === null) return "nothing";
  const elements = Array.from(x.dataSync(), (value) => (Object.is(value, -0) ? "-0" : String(value)));
  return `${x.dtype} ${formatShape(x.shape)} ${elements.join(" ")}`;
}

function expectSame(found: readonly (Tensor | null)[], expected: readonly string[], what: string): void {
  const texts = found.map(exactly);
  const at = texts.findIndex((text, i) => text !== expected[i]);
  if (at >= 0) throw new Error(`${what} ${at} of the program is ${texts[at]}, not ${expected[at]}`);
}

/** Runs a body on each of the two tiers of the CPU. */
export function onBothTiers(body: (tier: "never" | "always") => void): void {
  const before = setWebAssembly("never");
  try {
    body("never");
    setWebAssembly("always");
    body("always");
  } finally {
    setWebAssembly(before);
  }
}

/** The elements of a tensor in reverse order: other numbers that fit as well. */
export function reversed(x: Tensor): Tensor {
  return tensor(x.dataSync().toReversed(), { shape: x.shape, dtype: x.dtype });
}

/**
 * Calls a computation and its compiled twin with each list of inputs, and throws where results, what is kept or the place in
 * the random stream differ; also when it was recorded more than `recordings` times.
 */
export function compareTwins(
  make: () => Twin,
  lists: readonly (readonly Tensor[])[],
  recordings: number,
): void {
  onBothTiers((tier) => {
    const [eager, compiled] = [make(), make()];
    let count = 0;
    const program = compile((...inputs: Tensor[]) => {
      count++;
      return compiled.call(...inputs);
    });
    seeded(() => {
      for (const inputs of lists) {
        const start = defaultGenerator.getState();
        const [results, kept] = [eager.call(...inputs), eager.kept?.() ?? []].map((list) =>
          list.map(exactly),
        );
        const end = defaultGenerator.getState();
        defaultGenerator.setState(start);
        expectSame(program(...inputs), results!, `with WebAssembly ${tier}, result`);
        expectSame(compiled.kept?.() ?? [], kept!, `with WebAssembly ${tier}, what is kept`);
        if (defaultGenerator.getState().position !== end.position)
          throw new Error("the program does not draw as many random numbers");
      }
    });
    if (count > recordings) throw new Error(`it ran ${count} times, and not only to be recorded`);
  });
}

/** Outputs, and gradients of inputs of a weighted sum of them; other leaves get theirs, too. */
export function backwards(
  inputs: readonly Tensor[],
  smooth: readonly number[],
  call: (...leaves: Tensor[]) => readonly Tensor[],
): (Tensor | null)[] {
  return enableGrad(() => {
    const leaves = leavesAt(inputs, smooth);
    const outputs = call(...leaves);
    const [first, ...rest] = outputs.filter((y) => y.requiresGrad).map((y) => y.mul(seedLike(y)).sum());
    rest.reduce((sum, y) => sum.add(y), first!)?.backward();
    return [...outputs.map((y) => y.detach()), ...smooth.map((i) => leaves[i]!.grad)];
  });
}
