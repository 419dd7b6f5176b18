import { argumentsWord, chunkWord, control, itemsWord, kernelWord, rowLength, state } from "./addresses";
import type { WasmMemory } from "./platform";

/** How often a thread looks for work before it sleeps: it does so for some tenths of a millisecond. */
const patience = 50_000;

/**
 * The program of a thread. It is a string, which no bundler changes, because it has to run where nothing else of the
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
  const does = (state) => Atomics.store(words, ${control.states} + number, state);
  const join = () => {
    does(${state.looking});
    let failed = 0;
    try {
      if (Atomics.load(words, ${control.open}) === 0) return;
      const parts = words[${control.parts}];
      let row = ${control.rows};
      for (let next = row; words[next] < parts; next += ${rowLength}) kernel(words[next + ${kernelWord}]);
      does(${state.working});
      failed = 1;
      for (;;) {
        const part = Atomics.add(words, ${control.next}, 1);
        if (part >= parts) break;
        while (words[row + ${rowLength}] <= part) row += ${rowLength};
        const chunk = words[row + ${chunkWord}], from = (part - words[row]) * chunk;
        kernel(words[row + ${kernelWord}])(words[row + ${argumentsWord}], from, Math.min(from + chunk, words[row + ${itemsWord}]));
      }
      failed = 0;
    } catch {
      if (failed) Atomics.store(words, ${control.failed}, 1);
    } finally {
      does(${state.waiting});
    }
  };
  let seen = Atomics.load(words, ${control.generation});
  does(${state.waiting});
  while (number < Atomics.load(words, ${control.count})) {
    let looks = Atomics.load(words, ${control.rest}) === 0 ? 0 : ${patience};
    while (Atomics.load(words, ${control.generation}) === seen && looks < ${patience}) looks++;
    if (looks === ${patience}) {
      does(${state.asleep});
      Atomics.wait(words, ${control.generation}, seen);
    }
    seen = Atomics.load(words, ${control.generation});
    join();
  }
  does(${state.none});
};`;

interface NodeWorker extends Spawned {
  unref(): void;
  on(event: "error" | "exit", listener: () => void): void;
}

interface WebWorker extends Spawned {
  postMessage(message: unknown): void;
  onerror: ((event: { preventDefault(): void }) => void) | null;
}

interface Platform {
  readonly process?: {
    getBuiltinModule?(id: "node:worker_threads"): {
      readonly Worker: new (source: string, options: object) => NodeWorker;
    };
  };
  readonly Worker: new (url: string) => WebWorker;
  readonly Blob: new (parts: string[], options: { type: string }) => object;
  readonly URL: { createObjectURL(blob: object): string };
}

/** A thread that was started. */
export interface Spawned {
  terminate(): unknown;
}

/**
 * Starts thread `number`, which does not keep the process alive; null where threads are not available.
 *
 * @param ended called when the thread has ended, for any reason that the platform reports
 */
export function spawnWorker(memory: WasmMemory, number: number, ended: () => void): Spawned | null {
  const { process, Worker, Blob, URL } = globalThis as unknown as Platform;
  const data = { memory, number };
  try {
    const node = process?.getBuiltinModule?.("node:worker_threads");
    if (node !== undefined) {
      const source = `${program}run(require("node:worker_threads").workerData);`;
      const worker = new node.Worker(source, { eval: true, workerData: data });
      // After an error, the worker exits.
      worker.on("error", () => {});
      worker.on("exit", ended);
      worker.unref();
      return worker;
    }
    const source = `${program}onmessage = ({ data }) => { run(data); close(); };`;
    const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      ended();
    };
    worker.postMessage(data);
    return worker;
  } catch {
    return null;
  }
}
