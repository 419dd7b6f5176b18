import { fc, test } from "@fast-check/vitest";
import { compile } from "@thalweg/compile";
import { mseLoss } from "@thalweg/losses";
import { Linear, ReLU, Sequential } from "@thalweg/nn";
import { Adam } from "@thalweg/optim";
import {
  getThreads,
  manualSeed,
  profile,
  rand,
  randint,
  randn,
  ready,
  setThreads,
  setWebAssembly,
  type Tensor,
} from "@thalweg/tensor";
import koffi from "koffi";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { candidates } from "../src/candidates";
import { type Blas, BlasError, useBlas } from "../src/index";

const installed = await useBlas().then(
  (blas) => blas.close(),
  (error: Error) => error,
);

let blas: Blas | undefined;
afterEach(() => blas?.close());
beforeAll(ready);

/** The least number of multiplications, so that small products take the way to the library, too. */
const from = 2048;

/** How a matrix of a product lies in memory. */
const lie = fc.constantFrom("dense", "transposed", "part", "repeated", "flipped", "spread");
type Lie = typeof lie extends fc.Arbitrary<infer T> ? T : never;

/** Random matrices [...batch, rows, columns]. */
function matrices(how: Lie, batch: readonly number[], rows: number, columns: number): Tensor {
  switch (how) {
    case "transposed":
      return randn([...batch, columns, rows]).transpose(-1, -2);
    case "part":
      return randn([...batch, rows + 3, columns + 5])
        .narrow(-1, 2, columns)
        .narrow(-2, 1, rows);
    case "repeated":
      return randn([rows, columns]).expand([...batch, rows, columns]);
    case "flipped":
      return randn([...batch, rows, columns]).flip(-1);
    case "spread":
      return randn([...batch, rows, columns, 2]).select(-1, 1);
    default:
      return randn([...batch, rows, columns]);
  }
}

/** The largest distance of a product, as a share of what rounding can explain. */
function distance(product: Tensor, a: Tensor, b: Tensor): number {
  const [wideA, wideB] = [a.to("float64"), b.to("float64")];
  const exact = wideA.matmul(wideB);
  const scale = wideA
    .abs()
    .matmul(wideB.abs())
    .mul(a.shape.at(-1)! * 2 ** -23);
  return product.to("float64").sub(exact).abs().div(scale).max().item();
}

const tiersOf = (f: () => unknown): string[] => profile(f).kernels.flatMap(({ tiers }) => tiers);

describe.skipIf(installed instanceof Error && !process.env.CI)("with a library of BLAS", () => {
  const extent = fc.integer({ min: 13, max: 40 });

  test.prop({
    seed: fc.nat(1e6),
    batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    sizes: fc.tuple(extent, extent, extent),
    lies: fc.tuple(lie, lie),
  })("products are right, however their matrices lie", async ({ seed, batch, sizes: [m, k, n], lies }) => {
    blas = await useBlas({ from });
    manualSeed(seed);
    const [a, b] = [matrices(lies[0], batch, m, k), matrices(lies[1], batch, k, n)];
    expect(distance(a.matmul(b), a, b)).toBeLessThan(1);
    const c = a.matmul(b).transpose(-1, -2);
    expect(distance(c.matmul(a), c, a)).toBeLessThan(1);
  });

  it("computes large products of float32, and no others", async () => {
    blas = await useBlas();
    const x = randn([64, 64]);
    expect(tiersOf(() => x.matmul(x))).toEqual(["blas"]);
    expect(tiersOf(() => x.matmul(x.transpose(0, 1)))).toEqual(["blas"]);
    expect(tiersOf(() => randn([3, 64, 64]).matmul(x))).toContain("blas");
    for (const other of [
      () => x.narrow(0, 0, 8).matmul(x),
      () => x.to("float64").matmul(x.to("float64")),
      () =>
        randint([64, 64], 5)
          .to("int32")
          .matmul(randint([64, 64], 5).to("int32")),
    ])
      expect(tiersOf(other)).not.toContain("blas");
    blas.close();
    expect(tiersOf(() => x.matmul(x))).not.toContain("blas");
  });

  it("finishes products with what follows them", async () => {
    const layer = new Sequential(new Linear(48, 64), new ReLU());
    const x = rand([50, 48]);
    const own = layer.forward(x);
    blas = await useBlas({ from });
    const y = layer.forward(x);
    expect(y.sub(own).abs().max().item()).toBeLessThan(1e-5);
    expect(tiersOf(() => compile(() => layer.forward(x))())).toContain("blas");
  });

  it("trains compiled steps to the same bits as eager ones, and goes on in either way when it is closed", async () => {
    const start = (isCompiled: boolean) => {
      manualSeed(1);
      const [x, y] = [randn([64, 40]), randn([64, 3])];
      const model = new Sequential(new Linear(40, 64), new ReLU(), new Linear(64, 3));
      const optimizer = new Adam(model.parameters(), { lr: 0.01 });
      const step = () => {
        const loss = mseLoss(model.forward(x), y);
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss;
      };
      return isCompiled ? compile(step) : step;
    };
    const steps = [start(false), start(true)];
    const run = () => steps.map((step) => Array.from({ length: 4 }, () => step().item()));
    const losses: number[][] = [];
    for (const isOn of [false, true, false, true]) {
      if (isOn) blas = await useBlas({ from });
      else blas?.close();
      const [eager, compiled] = run();
      expect(compiled).toEqual(eager);
      losses.push(eager!);
    }
    expect(losses.flat().at(-1)).toBeLessThan(losses[0]![0]! / 2);
  });

  it("computes on as many threads as the rest", async () => {
    blas = await useBlas();
    const count = koffi.load(blas.library).func("openblas_get_num_threads", "int", []);
    const x = randn([64, 64]);
    const threads = getThreads();
    try {
      setThreads(1);
      x.matmul(x);
      expect(count()).toBe(1);
    } finally {
      setThreads(threads);
    }
    x.matmul(x);
    expect(count()).toBe(threads);
  });

  it("says which library it is, and one replaces another", async () => {
    const first = await useBlas();
    expect(first.name).toMatch(/^OpenBLAS \d/);
    blas = await useBlas({ library: first.library });
    first.close();
    const x = randn([64, 64]);
    expect(tiersOf(() => x.matmul(x))).toEqual(["blas"]);
  });

  it("needs WebAssembly", async () => {
    const before = setWebAssembly("never");
    try {
      await expect(useBlas()).rejects.toThrow(
        "useBlas: there is no WebAssembly, in whose memory the matrices are; use a runtime that has it",
      );
    } finally {
      setWebAssembly(before);
    }
  });
});

describe("useBlas", () => {
  it.each([
    ["/nowhere/libblas.so", "/nowhere/libblas.so cannot be used, "],
    ["libc.so.6", "libc.so.6 cannot be used, "],
  ])("refuses %s", async (library, message) => {
    const error = await useBlas({ library }).catch((error: Error) => error);
    expect(error).toBeInstanceOf(BlasError);
    expect((error as Error).message).toContain(`useBlas: ${message}`);
    expect((error as Error).message).toMatch(
      /; install one \(apt-get install libopenblas0-pthread, .*\), or give/,
    );
  });

  it("needs a runtime that can call libraries", async () => {
    vi.stubGlobal("process", undefined);
    const refused = useBlas().catch((error: Error) => error);
    vi.unstubAllGlobals();
    expect(await refused).toMatchObject({
      message: "useBlas: a page cannot call libraries of the machine; call it in Node alone",
    });
  });

  it("refuses options that make no sense", async () => {
    await expect(useBlas({ from: 10 })).rejects.toThrow("useBlas: from must be");
    await expect(useBlas({ library: 3 as never })).rejects.toThrow("useBlas: library must be a string");
    await expect(useBlas({ lib: "x" } as never)).rejects.toThrow('useBlas: there is no option "lib"');
  });

  it("looks where each system has its libraries", () => {
    expect(candidates({}, "linux")[0]).toBe("libopenblas.so.0");
    expect(candidates({ CONDA_PREFIX: "/conda" }, "linux")[1]).toBe("/conda/lib/libopenblas.so.0");
    expect(candidates({}, "darwin")[0]).toMatch(/Accelerate$/);
    expect(candidates({ MKLROOT: "C:/mkl" }, "win32")).toContain("C:/mkl/lib/mkl_rt.2.dll");
  });
});
