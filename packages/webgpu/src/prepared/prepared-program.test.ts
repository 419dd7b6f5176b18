import { fc, test } from "@fast-check/vitest";
import {
  type Backend,
  backendFor,
  copyProgram,
  execute,
  type KernelCall,
  Layout,
  prepare,
  pushCallLayer,
  readBy,
  type Storage,
  type View,
  withViews,
  writtenBy,
} from "@thalweg/kernels";
import { rand, randn, type Tensor, tensor } from "@thalweg/tensor";
import { expect, it } from "vitest";
import { describeGPU, numbers, session } from "../../test/gpu";
import { findGPU } from "../device/find-gpu";
import { Gpu } from "../device/gpu";
import { WebGPUBackend } from "../webgpu-backend";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The kernel calls that a computation makes. */
function callsOf(compute: () => void): KernelCall[] {
  const calls: KernelCall[] = [];
  const pop = pushCallLayer((call, next) => {
    calls.push(call);
    next(call);
  });
  try {
    compute();
  } finally {
    pop();
  }
  return calls;
}

function storagesOf(calls: readonly KernelCall[]): Storage[] {
  const views = calls.flatMap((call) => [...writtenBy(call), ...readBy(call)]);
  return [...new Set(views.map(({ storage }) => storage))];
}

/** Calls whose storages and numbers can be replaced. */
class Movable {
  readonly calls: readonly KernelCall[];
  private readonly originals: readonly KernelCall[];
  private readonly views: { readonly from: Storage; readonly view: Writable<View> }[] = [];

  constructor(originals: readonly KernelCall[], backend: Backend) {
    this.originals = originals;
    this.calls = originals.map((call) => {
      const moved = withViews(call, ({ storage, layout }) => {
        const view = { storage, layout };
        this.views.push({ from: storage, view });
        return view;
      });
      return { ...moved, backend };
    });
  }

  /** Gives the calls these storages, and the numbers of a round. */
  set(storages: ReadonlyMap<Storage, Storage>, round: number): void {
    for (const { from, view } of this.views) view.storage = storages.get(from)!;
    this.originals.forEach((original, i) => {
      const call = this.calls[i]!;
      if (call.kind === "random") Object.assign(call.args, { 2: 7 + round, 3: 1000 * round });
      if (call.kind !== "map" || original.kind !== "map") return;
      const inputs = call.inputs as unknown[];
      for (const [k, input] of original.inputs.entries())
        if (typeof input === "number") inputs[k] = input + round;
    });
  }
}

const viewOf = (storage: Storage): View => ({ storage, layout: Layout.contiguous([storage.size]) });

/** New storages, with elements that depend on the round. */
function filled(storages: readonly Storage[], backend: Backend, round: number): Map<Storage, Storage> {
  return new Map(
    storages.map((storage, k) => {
      const { size, dtype } = storage;
      const values = Array.from({ length: size }, (_, i) => {
        const word = Math.imul(i + 1, 2654435761 + 97 * k + 13 * round) >>> 0;
        return dtype === "float32" ? word / 2 ** 31 - 1 : word % (dtype === "bool" ? 2 : 4);
      });
      return [storage, backend.upload(dtype, values)];
    }),
  );
}

async function bitsOf(storage: Storage): Promise<Int32Array> {
  return new Int32Array((await storage.backend.read(viewOf(storage))).buffer as ArrayBuffer);
}

/** Runs calls as a program and one by one, several times, each with other numbers and storages. */
async function expectSameBits(calls: readonly KernelCall[], backend: Backend): Promise<void> {
  const [single, together] = [new Movable(calls, backend), new Movable(calls, backend)];
  const storages = storagesOf(calls);
  const program = prepare(together.calls);
  let kept = new Map<Storage, Storage>();
  for (const round of [0, 1, 1, 2]) {
    const [expected, actual] = [filled(storages, backend, round), filled(storages, backend, round)];
    for (const [k, [original, storage]] of [...actual].entries()) {
      const before = k % 3 > 0 ? kept.get(original) : undefined;
      if (before === undefined) continue;
      before.backend.map(copyProgram(before.dtype), [viewOf(before)], [viewOf(storage)]);
      actual.set(original, before);
    }
    single.set(expected, round);
    together.set(actual, round);
    for (const call of single.calls) execute(call);
    program.run();
    for (const [k, storage] of storages.entries()) {
      const [a, b] = [await bitsOf(actual.get(storage)!), await bitsOf(expected.get(storage)!)];
      expect(a, `storage ${k} of ${storages.length}, round ${round}`).toEqual(b);
    }
    kept = actual;
  }
  program.release();
}

/** A backend of its own, which takes the device for one with fast memory of workgroups, or for a CPU. */
async function open(hasSharedMemory: boolean): Promise<Backend> {
  const adapter = (await (await findGPU()).requestAdapter()) as GPUAdapter;
  return new WebGPUBackend(new Gpu(await adapter.requestDevice(), hasSharedMemory));
}

/** Operations on matrices of one shape, with columns that are a multiple of 4. */
const operations: Record<string, (a: Tensor, b: Tensor, index: Tensor) => Tensor> = {
  map: (a, b) => a.mul(b).add(1.5).tanh(),
  numbers: (a) => a.mul(0.5).sub(0.25),
  "broadcast map": (a, b) => a.sub(b.select(0, 1)),
  "transposed map": (a, b) => a.add(b.transpose(0, 1).contiguous().reshape(a.shape)),
  softmax: (a) => a.softmax(1),
  "log softmax of columns": (a) => a.logSoftmax(0),
  sum: (a, b) => a.sub(b.sum(1, { keepDim: true })).tanh(),
  "sum of columns": (a, b) => a.sub(b.sum(0, { keepDim: true })).tanh(),
  maximum: (a, b) => a.sub(b.amax([0, 1], { keepDim: true })),
  products: (a, b) => a.matmul(b.transpose(0, 1)).tanh().matmul(a).tanh(),
  "product of columns": (a, b) => a.matmul(a.transpose(0, 1).matmul(b)).relu(),
  cumsum: (a) => a.cumsum(1).tanh(),
  gather: (a, _, index) => a.gather(1, index),
  argsort: (a) => a.sort(1).indices.to("float32").mul(0.125),
  argmax: (a, b) => b.add(a.argmax(1, { keepDim: true }).to("float32")),
  ints: (a, b, index) => a.mul(index.mul(2).add(1).to("float32")).add(b.gt(a).to("float32")),
  "in place": (a, b) => a.clone().mul_(b).add_(0.5),
  overwritten: (a, b) => a.copy_(b.mul(0.75)),
  uniform: (a) => a.add(rand([...a.shape], { device: "webgpu" })),
  normal: (a) => a.add(randn([...a.shape], { device: "webgpu" })),
};

const step = fc.record({
  operation: fc.constantFrom(...Object.keys(operations)),
  isLarge: fc.nat(5).map((n) => n === 0),
  left: fc.nat(20),
  right: fc.nat(20),
});

const backends: Backend[] = [];

describeGPU("prepared calls", () => {
  test.prop([fc.array(step, { minLength: 1, maxLength: 10 }), fc.boolean()], { numRuns: 25 })(
    "have the bits that they have one by one, with other storages and numbers at every run",
    async (steps, isParallel) => {
      const pools = [
        [6, 12],
        [100, 200],
      ].map((shape) => ({
        all: [1, 2, 3].map((seed) => numbers(shape, seed).to("webgpu")),
        index: tensor(
          Array.from({ length: shape[0]! * shape[1]! }, (_, i) => i % 5),
          { dtype: "int32", shape, device: "webgpu" },
        ),
      }));
      const calls = callsOf(() => {
        for (const { operation, isLarge, left, right } of steps) {
          const { all, index } = pools[isLarge ? 1 : 0]!;
          const of = (i: number) => all[i % all.length]!;
          all.push(operations[operation]!(of(left), of(right), index));
        }
      });
      if (calls.length > 0) await expectSameBits(calls, (backends[+isParallel] ??= await open(isParallel)));
    },
  );

  it("add at indices of their own", async () => {
    const [x, index] = [numbers([5, 8]).to("webgpu"), tensor([[3], [0], [1], [2], [4]], { dtype: "int32" })];
    const at = index.expand([5, 8]).contiguous().to("webgpu");
    await expectSameBits(
      callsOf(() => {
        const ints = x.mul(100).to("int32");
        ints.scatterAdd(0, at, ints).mul(3).add(at).to("float32").softmax(0);
      }),
      backendFor("test", "webgpu"),
    );
  });

  it("are one dispatch where they are small", async () => {
    const x = numbers([4, 8]).to("webgpu");
    const calls = callsOf(() => void x.mul(2).softmax(1).matmul(x.transpose(0, 1)).sum(0).cumsum(0).add(1));
    const program = prepare(calls);
    program.run();
    await x.data();
    const { dispatches, submits } = session!.counts;
    for (let i = 0; i < 3; i++) program.run();
    await x.data();
    expect(session!.counts.dispatches - dispatches).toBe(3);
    expect(session!.counts.submits - submits).toBe(1);
  });
});
