import { argumentsAddress, control } from "./addresses";
import type { WasmMemory } from "./platform";

/** How often a thread looks for work before it goes to sleep: for some tenths of a millisecond. */
const patience = 50_000;

/**
 * The program of a thread. A string, since no bundler may touch it: it has to run where nothing else of the
 * library is.
 */
const program = `
const run = ({ memory, number }) => {
  const words = new Int32Array(memory.buffer, 0, ${control.end});
  const kernels = [];
  const kernel = (index) => {
    if (kernels[index] === undefined) {
      const [address, length] = new Int32Array(memory.buffer, 4 * (words[${control.table}] + 2 * index), 2);
      const module = new WebAssembly.Module(new Uint8Array(memory.buffer, address, length).slice());
      kernels[index] = new WebAssembly.Instance(module, { m: { m: memory } }).exports.run;
    }
    return kernels[index];
  };
  const join = () => {
    Atomics.add(words, ${control.active}, 1);
    try {
      if (Atomics.load(words, ${control.open}) === 0) return;
      const items = words[${control.items}], chunk = words[${control.chunk}];
      const work = kernel(words[${control.kernel}]);
      for (;;) {
        const from = Atomics.add(words, ${control.next}, chunk);
        if (from >= items) return;
        work(${argumentsAddress}, from, Math.min(from + chunk, items));
      }
    } catch {
      Atomics.store(words, ${control.failed}, 1);
    } finally {
      Atomics.sub(words, ${control.active}, 1);
    }
  };
  let seen = Atomics.load(words, ${control.generation});
  Atomics.add(words, ${control.ready}, 1);
  while (number < Atomics.load(words, ${control.count})) {
    let looks = 0;
    while (Atomics.load(words, ${control.generation}) === seen && looks < ${patience}) looks++;
    if (looks === ${patience}) {
      Atomics.add(words, ${control.asleep}, 1);
      Atomics.wait(words, ${control.generation}, seen);
      Atomics.sub(words, ${control.asleep}, 1);
    }
    seen = Atomics.load(words, ${control.generation});
    join();
  }
  Atomics.sub(words, ${control.ready}, 1);
};`;

interface Platform {
  readonly process?: {
    getBuiltinModule?(id: "node:worker_threads"): {
      readonly Worker: new (
        source: string,
        options: object,
      ) => { unref(): void; on(event: "error", listener: () => void): void };
    };
  };
  readonly Worker: new (url: string) => { postMessage(message: unknown): void };
  readonly Blob: new (parts: string[], options: { type: string }) => object;
  readonly URL: { createObjectURL(blob: object): string };
}

/** Starts thread `number`, which does not keep the process alive; false where none can be had. */
export function spawnWorker(memory: WasmMemory, number: number): boolean {
  const { process, Worker, Blob, URL } = globalThis as unknown as Platform;
  const data = { memory, number };
  try {
    const node = process?.getBuiltinModule?.("node:worker_threads");
    if (node !== undefined) {
      const source = `${program}run(require("node:worker_threads").workerData);`;
      const worker = new node.Worker(source, { eval: true, workerData: data });
      worker.on("error", () => {});
      worker.unref();
    } else {
      const source = `${program}onmessage = ({ data }) => { run(data); close(); };`;
      new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" }))).postMessage(data);
    }
    return true;
  } catch {
    return false;
  }
}
