import { arrival } from "@thalweg/cpu";
import { expect, it } from "vitest";
import { ones, profile, ready } from "../../src/index";

// Without the entry for Node, WebAssembly is fetched, as in a browser.
const x = ones([64, 64]);
const tiers = () => profile(() => x.matmul(x)).kernels[0]!.tiers;

it("fetches WebAssembly once, and yields only until it has arrived", async () => {
  expect(tiers()).toEqual(["js"]);
  expect(arrival()).toBeInstanceOf(Promise);
  for (let reads = 0; arrival() !== undefined && reads < 10_000; reads++) {
    const [one] = [await x.select(0, 0).data(), await x.toArrayAsync(), await x.sum().itemAsync()];
    expect(one[0]).toBe(1);
  }
  expect(arrival()).toBeUndefined();
  expect(tiers()[0]).toMatch(/^wasm/);
  expect(await ready()).toBe(true);
});
