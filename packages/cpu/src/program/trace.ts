import {
  type Backend,
  contract,
  type Epilogue,
  type Grouping,
  isView,
  type KernelCall,
  type Operand,
  readBy,
  type Storage,
  type View,
  withViews,
  writtenBy,
} from "@thalweg/kernels";
import type { Accelerator } from "../accelerator";
import { asViews } from "../cpu-backend";
import type { CpuStorage } from "../storage";
import { argumentsAddress, argumentWords } from "../wasm/runtime/addresses";
import { maxCount, NoRoom } from "../wasm/runtime/limits";
import type { Kernel, MemoryView, Runtime } from "../wasm/runtime/runtime";
import type { Resident } from "../wasm/wasm-accelerator";

/** A job of a kernel, with the words of its arguments as if all memory were at address 0. */
export interface Job {
  readonly kernel: Kernel;
  readonly items: number;
  readonly cost: number;
  readonly words: Int32Array;
  /** The words that are addresses, and the memory that they point to. */
  readonly links: readonly Link[];
  /** The numbers among the words. */
  readonly numbers: readonly Numbers[];
}

/** Numbers that the driver of a map writes, and computes of its operands. */
export interface Numbers {
  readonly words: readonly number[];
  readonly isInt: boolean;
  /** Their values for the operands as they are now. */
  readonly compute: () => readonly number[];
}

/** A word of the arguments of a job to which the address of memory is added. */
export interface Link {
  readonly word: number;
  readonly memory: Memory;
}

/** What the arguments of a job point to: the memory of a view, scratch memory, or a table. */
export type Memory = View | "scratch" | Int32Array;

/** The jobs of a call. */
export interface Trace {
  readonly jobs: readonly Job[];
  /** The views of operands, outputs first. */
  readonly outputs: readonly View[];
  readonly inputs: readonly View[];
  /** The bytes of scratch memory that the jobs need. */
  readonly scratch: number;
}

/** The distance between the addresses of two operands in the second run. */
const step = 2 ** 20;

const begin = argumentsAddress >> 2;

/** A word of arguments that was not written. */
const unwritten = [0x7ead_beef | 0, 0x5ca1_ab1e] as const;

/** The number in place of number `i` in the second run. */
const standIn = (i: number): number => 2 ** 120 + i * 2 ** 100;

const asWord = (value: number): number => new Int32Array(Float32Array.of(value).buffer)[0]!;

/** What the drivers of kernels see and do, with the addresses of a run. */
class Run {
  readonly jobs: Omit<Job, "links">[] = [];
  readonly memory: Memory[] = [];
  readonly outputs: View[] = [];
  readonly inputs: View[] = [];
  scratch = 0;
  /** The numbers of the next job; their words are stand-ins. */
  private numbers: Numbers[] = [];
  private count = 0;
  /** The operands of a map. */
  private given: readonly Operand[] = [];
  /** Brings the numbers among the operands of the call up to date. */
  private refresh = () => {};
  private readonly accelerator: Accelerator;
  /** The views of the call by the storages that stand for theirs. */
  private readonly originals = new Map<Storage, View>();
  private readonly distance: number;
  private readonly unwritten: number;
  private readonly area = new Int32Array(begin + argumentWords);

  /** @param number 0 for a run in which all addresses are 0, 1 for one in which they differ */
  constructor({ on, runtime }: Accelerator, number: 0 | 1) {
    this.distance = number * step;
    this.unwritten = unwritten[number];
    this.area.fill(this.unwritten);
    this.accelerator = on(this.runtimeFor(runtime), this.resident);
  }

  /** Takes the arguments that a driver writes instead of running the kernel. */
  private runtimeFor(runtime: Runtime): Runtime {
    const { area } = this;
    const own = {
      words: area,
      floats: new Float32Array(area.buffer),
      scratch: (bytes: number) => {
        this.scratch = Math.max(this.scratch, bytes);
        return this.addressOf("scratch");
      },
      table: (values: Int32Array, length: number) => {
        const whole = new Int32Array(length).fill(values.at(-1) ?? 0);
        whole.set(values);
        return this.addressOf(whole);
      },
      launch: (kernel: Kernel, items: number, cost: number) => {
        if (items < 0 || items > maxCount) throw new NoRoom();
        const words = area.slice(begin, area.findLastIndex((word) => word !== this.unwritten) + 1);
        this.jobs.push({ kernel, items, cost, words, numbers: this.numbers });
        this.numbers = [];
        area.fill(this.unwritten);
      },
      numbers: (compute: () => number[], isInt: boolean) => {
        const values = compute();
        if (values.length === 0) return values;
        const { refresh } = this;
        const current = () => {
          refresh();
          return compute();
        };
        const first = this.count;
        this.count += values.length;
        const standIns = values.map((_, i) => (isInt ? asWord(standIn(first + i)) : standIn(first + i)));
        const words = standIns.map((value) => (isInt ? value : asWord(value)));
        this.numbers.push({ words, isInt, compute: current });
        return this.distance === 0 ? values : standIns;
      },
    };
    return Object.create(runtime, Object.getOwnPropertyDescriptors(own)) as Runtime;
  }

  private addressOf(memory: Memory): number {
    const known = memory === "scratch" ? this.memory.indexOf(memory) : -1;
    return (known < 0 ? this.memory.push(memory) : known + 1) * this.distance;
  }

  private readonly resident: Resident = (outputs, inputs, run) => {
    const place = (view: View): MemoryView => ({
      address: this.addressOf(this.original(view)),
      layout: view.layout,
      isInt: view.storage.dtype !== "float32",
    });
    this.outputs.push(...outputs.map((view) => this.original(view)));
    this.inputs.push(...inputs.filter(isView).map((view) => this.original(view)));
    const operands = inputs.map((input) => (isView(input) ? place(input) : input));
    this.refresh = () => {
      for (const [i, input] of this.given.entries()) if (!isView(input)) operands[i] = input;
    };
    return run(outputs.map(place), operands);
  };

  /** The view of the call whose memory a view of a driver has. */
  private original({ storage }: View): View {
    return this.originals.get(storage)!;
  }

  /** Runs the drivers of a call; returns whether WebAssembly can compute it. */
  call(call: KernelCall): boolean {
    this.given = call.kind === "map" ? call.inputs : [];
    // Drivers make views of their own, of memory that may be another one at each run.
    const standIns = withViews(call, (view) => {
      const storage = Object.create(view.storage) as Storage;
      this.originals.set(storage, view);
      return { storage, layout: view.layout };
    });
    try {
      return this.drive(standIns);
    } catch (error) {
      if (error instanceof NoRoom) return false;
      throw error;
    }
  }

  private drive(call: KernelCall): boolean {
    const { accelerator } = this;
    switch (call.kind) {
      case "map":
        return accelerator.map(call.program, call.outputs, call.inputs);
      case "reduce":
        return accelerator.reduce(call.program, call.out, call.inputs as readonly View[], call.dims);
      case "rows":
        return accelerator.rows(call.program, call.outputs, call.inputs as readonly View[], call.dim);
      case "matmul":
        if (call.grouping === undefined) return this.matmul(call.out, call.a, call.b, call.epilogue);
        contract(this.backend, call.out, call.a, call.b, call.grouping, call.epilogue);
        return true;
      default:
        return false;
    }
  }

  private matmul(out: View, a: View, b: View, epilogue: Epilogue | undefined): boolean {
    const { accelerator } = this;
    if (accelerator.matmul(out, a, b, epilogue)) return true;
    // The epilogue cannot be a part of the product.
    if (epilogue === undefined || !accelerator.matmul(out, a, b, undefined)) return false;
    return accelerator.map(epilogue.program, [out], [out, ...epilogue.operands]);
  }

  /** The drivers as the backend of a product that consists of others. There is no memory for copies between them. */
  private get backend(): Backend {
    const done = (isDone: boolean) => {
      if (!isDone) throw new NoRoom();
    };
    const own = {
      allocate: () => done(false),
      map: (...args: Parameters<Accelerator["map"]>) => done(this.accelerator.map(...args)),
      matmul: (out: View, a: View, b: View, epilogue?: Epilogue) => done(this.matmul(out, a, b, epilogue)),
      contract: (out: View, a: View, b: View, grouping: Grouping, epilogue?: Epilogue) =>
        this.accelerator.contract(out, a, b, grouping, epilogue),
    };
    return own as unknown as Backend;
  }
}

const isNarrow = ({ storage }: View): boolean => storage.dtype !== "float64";

/**
 * The jobs that a call is for WebAssembly; null if it cannot compute it. No kernel runs. The drivers are called twice, with
 * other addresses: the words that differ are addresses, and by how much they differ tells of what.
 */
export function traceOf(accelerator: Accelerator, call: KernelCall): Trace | null {
  if (![...writtenBy(call), ...readBy(call)].every(isNarrow)) return null;
  const [first, second] = [new Run(accelerator, 0), new Run(accelerator, 1)];
  if (!first.call(call) || !second.call(call)) return null;
  const { outputs, inputs, scratch, memory } = first;
  const jobs: Job[] = [];
  for (const [j, job] of first.jobs.entries()) {
    const links: Link[] = [];
    const other = second.jobs[j]!.words;
    for (const [word, value] of job.words.entries()) {
      if (other[word] === value) continue;
      const isNumber = job.numbers.some(({ words }) => words.includes(other[word]!));
      if (isNumber) continue;
      const of = memory[(other[word]! - value) / step - 1];
      if (of === undefined) return null;
      links.push({ word, memory: of });
    }
    const numbers = job.numbers.map((of) => ({ ...of, words: of.words.map((word) => other.indexOf(word)) }));
    jobs.push({ ...job, links, numbers });
  }
  return { jobs, outputs, inputs, scratch };
}

/** The words of the arguments of each job of a call once more, with the numbers that are among its operands now. */
export function wordsOf(accelerator: Accelerator, call: KernelCall): Int32Array[] {
  const run = new Run(accelerator, 0);
  run.call(call);
  return run.jobs.map(({ words }) => words);
}

/** A call with views of one element for its numbers where its kernel takes views alone, and what fills these. */
export function withoutNumbers(call: KernelCall): { call: KernelCall; fill: () => void } {
  if (call.kind !== "reduce" && call.kind !== "rows") return { call, fill() {} };
  const { inputs } = call;
  const views = asViews(inputs);
  const fill = () => {
    for (const [i, input] of inputs.entries()) {
      if (!isView(input)) (views[i]!.storage as CpuStorage).array[0] = input;
    }
  };
  return { call: { ...call, inputs: views }, fill };
}
