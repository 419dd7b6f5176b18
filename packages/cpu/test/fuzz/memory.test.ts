import { readyThreads } from "../ready-threads";
import "./provide-guarded-heap";
import { DeviceError, full, Generator, randn, Tensor } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { accelerator } from "../../src/accelerator";
import { memory } from "../../src/narrow";
import type { CpuStorage } from "../../src/storage";
import type { GuardedRuntime } from "./guarded-heap";
import { RandomCalls, randomOf } from "./random-calls";

/**
 * How many calls for each number of threads, and from which seed on: THALWEG_FUZZ_CALLS=200000 is for machines
 * that have some minutes.
 */
const calls = Number(process.env.THALWEG_FUZZ_CALLS ?? 1000);
const seed = Number(process.env.THALWEG_FUZZ_SEED ?? 1);

const runtime = accelerator()!.runtime as GuardedRuntime;

/** No call takes more of the machine's memory than this: sizes are drawn at random. */
const mostElements = 2 ** 23;
const { allocate } = memory;
memory.allocate = (backend, dtype, size) => {
  if (size > mostElements) throw new DeviceError("cpu", "out of memory in this test");
  return allocate(backend, dtype, size);
};

/** Tensors that no call may change, between holes that the results of calls fill. */
const witnesses = Array.from({ length: 40 }, (_, k) => {
  const x = full([1024 + 97 * k], k);
  const hole = full([1024 + 97 * ((k * 7) % 40)], -1);
  hole[Symbol.dispose]();
  return x;
});

function changedWitnesses(): number[] {
  return witnesses.flatMap(({ storage }, k) => {
    const { array } = storage as CpuStorage;
    for (let i = 0; i < array.length; i++) if (array[i] !== k) return [k];
    return [];
  });
}

const generator = new Generator(11);
const [x, target] = [randn([128, 96], { generator }), randn([128, 10], { generator })];
const weights = [randn([96, 64], { generator }), randn([64, 10], { generator })];

/** A step of a perceptron, with gradients by hand: products, maps, reductions and writes in place. */
function trainingStep(): string {
  const [first, second] = weights.map((w) => w.clone()) as [Tensor, Tensor];
  const hidden = x.matmul(first).relu();
  const error = hidden.matmul(second).softmax(1).sub(target).div(128);
  const toHidden = error.matmul(second.transpose(0, 1)).mul(hidden.gt(0));
  second.add_(hidden.transpose(0, 1).matmul(error).mul(-0.1));
  first.add_(x.transpose(0, 1).matmul(toHidden).mul(-0.1));
  return [first, second].flatMap((w) => [w.sum().item(), w.square().sum().item()]).join();
}

const known = trainingStep();

/** Errors that only the engine makes, when something went past all checks. */
const fromTheEngine =
  /memory access|unreachable|kernel failed|thread failed|Invalid typed array length|buffer allocation/;

async function start(threads: number): Promise<void> {
  runtime.threads.count = threads;
  const until = performance.now() + 60_000;
  while (readyThreads(runtime) !== threads - 1 && performance.now() < until) {
    trainingStep();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(readyThreads(runtime)).toBe(threads - 1);
}

describe.each([1, 2, 4])("with %i threads", (threads) => {
  it(
    "no call writes outside of its tensors, and training has the same bits after every error",
    async () => {
      await start(threads);
      const random = new RandomCalls(randomOf(seed * 1000 + threads));
      let [errors, slowest, slow] = [0, 0, ""];
      for (let i = 0; i < calls; i++) {
        if (i % 500 === 499) {
          random.renew();
          // Workers report that they are ready, and collectors run.
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
        const call = random.next();
        const at = `call ${i}, ${call.text}`;
        const before = performance.now();
        let [failed, result]: unknown[] = [];
        try {
          result = await call.run();
        } catch (error) {
          failed = error;
          errors++;
        }
        const took = performance.now() - before;
        if (took > slowest) [slowest, slow] = [took, at];
        if (result instanceof Tensor) {
          result.layout.checkWithin(at, result.storage.size);
          random.keep(result);
        }
        const found = runtime.overwritten();
        if (i % 20 === 0 || failed !== undefined)
          found.push(...changedWitnesses().map((k) => `witness ${k}`));
        if (found.length > 0) expect(found, at).toEqual([]);
        if (failed === undefined) continue;
        if (fromTheEngine.test(String(failed))) expect(failed, at).toBeUndefined();
        const bits = trainingStep();
        if (bits !== known) expect(bits, at).toBe(known);
      }
      expect(errors).toBeGreaterThan(calls / 10);
      expect(errors).toBeLessThan(calls * 0.95);
      if (process.env.THALWEG_FUZZ_CALLS)
        console.log(`${errors} errors; slowest ${slowest.toFixed()} ms: ${slow}`);
    },
    600_000 + 20 * calls,
  );
});
