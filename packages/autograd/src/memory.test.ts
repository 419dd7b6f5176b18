import { relu, type Tensor, zeros } from "@thalweg/tensor";
import { scoped } from "@thalweg/tensor/internal";
import { expect, it } from "vitest";
import "./index";

const large = 4096;
const leafOf = () => zeros([large], { requiresGrad: true });
const gone = /was used after its memory was freed/;

/** A function whose intermediate results stay inside of it, as in the library. */
function inside(x: Tensor, seen: Tensor[]): Tensor {
  return scoped(() => {
    const y = x.add(1);
    const z = y.square();
    seen.push(y, z);
    return z.sum();
  });
}

it("frees what the tape saved once the walk has used it, if it is not visible elsewhere", () => {
  const seen: Tensor[] = [];
  const x = leafOf();
  const loss = inside(x, seen);
  const [saved, unsaved] = seen as [Tensor, Tensor];
  expect(() => unsaved.dataSync()).toThrow(gone);
  expect(saved.dataSync()[0]).toBe(1);
  loss.backward();
  expect(x.grad!.dataSync()[0]).toBe(2);
});

it("keeps it while the graph is retained", () => {
  const seen: Tensor[] = [];
  const x = leafOf();
  const loss = inside(x, seen);
  loss.backward(undefined, { retainGraph: true });
  loss.backward();
  expect(x.grad!.dataSync()[0]).toBe(4);
  expect(() => seen[0]!.dataSync()).toThrow(gone);
});

it("never frees what the user holds", () => {
  const x = leafOf();
  const y = relu(x.add(1));
  const z = y.mul(y);
  z.sum().backward();
  expect(y.dataSync()[5]).toBe(1);
  expect(z.dataSync()[5]).toBe(1);
  const grad = x.grad!;
  x.grad = null;
  expect(grad.dataSync()[5]).toBe(2);
});

it("frees gradients that were never looked at", () => {
  const x = leafOf();
  x.square().sum().backward();
  const unseen = x.gradient!;
  x.grad = null;
  expect(() => unseen.dataSync()).toThrow(gone);
});

it("keeps gradients that hooks have seen, or that are the result", () => {
  const x = leafOf();
  const seen: Tensor[] = [];
  const y = x.mul(3);
  const keep = (grad: Tensor) => void seen.push(grad);
  x.registerHook(keep);
  y.registerHook(keep);
  y.square().sum().backward();
  x.grad = null;
  expect(seen.map((grad) => grad.dataSync()[7])).toEqual([0, 0]);
});
