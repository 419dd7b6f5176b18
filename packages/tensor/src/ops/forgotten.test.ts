import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { allOps, ones, pointwise, sum } from "../index";

it("an operation that a program no longer references is collected, with its kernels", async () => {
  const [small, large] = [ones([4]), ones([4000])];
  const made: WeakRef<object>[] = [];
  const before = allOps().length;
  for (let i = 0; i < 200; i++) {
    const scaled = pointwise(`scaled${i}`, (x) => x.mul(i + 0.5).exp());
    scaled(small);
    scaled(large);
    made.push(new WeakRef(scaled.op));
  }
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  for (let i = 0; i < 3; i++) {
    await new Promise((settle) => setTimeout(settle, 10));
    gc();
  }
  const alive = made.filter((op) => op.deref() !== undefined).length;
  // The last ones may still be referenced from the stack.
  expect(alive).toBeLessThan(10);
  expect(allOps().length - before).toBe(alive);
  expect(allOps()).toContain(sum.op);
});
