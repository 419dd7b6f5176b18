import { execute, type KernelCall, type PreparedCalls } from "@thalweg/kernels";
import type { Gpu } from "../device/gpu";
import type { Launch } from "../device/recorder";
import { CapturedCall } from "./captured-call";
import { Plan, signatureOf } from "./plan";

/** Ways in which calls share memory for which plans are kept, at most. */
const mostVariants = 8;

/** A part of a program. */
interface Unit {
  /** The calls were captured anew. */
  renew(): void;
  run(): void;
}

/** Calls that follow one another and consist of launches alone. */
class Part implements Unit {
  private readonly gpu: Gpu;
  private readonly calls: readonly CapturedCall[];
  private readonly plan: Plan;
  private launches: readonly Launch[] = [];

  constructor(gpu: Gpu, calls: readonly CapturedCall[]) {
    this.gpu = gpu;
    this.calls = calls;
    this.plan = new Plan(gpu, calls);
  }

  renew(): void {
    this.launches = this.calls.flatMap(({ launches }) => launches);
  }

  run(): void {
    this.plan.run(this.gpu, this.launches);
  }
}

/**
 * Calls that are planned once and run many times. Each is captured as the launches that it makes, and again when a storage or a
 * number has changed. A plan joins launches in few dispatches.
 */
export class PreparedProgram implements PreparedCalls {
  private readonly gpu: Gpu;
  private readonly calls: readonly CapturedCall[];
  private readonly variants = new Map<string, readonly Unit[]>();
  private units: readonly Unit[] = [];
  private notesFaults = false;

  constructor(gpu: Gpu, calls: readonly KernelCall[]) {
    this.gpu = gpu;
    this.calls = calls.map((call) => new CapturedCall(call));
  }

  run(): void {
    const { gpu, calls } = this;
    gpu.faults.check();
    let isStale = false;
    for (let i = 0; i < calls.length; i++) {
      if (!calls[i]!.isStale) continue;
      calls[i]!.capture(gpu);
      isStale = true;
    }
    if (isStale) this.renew();
    if (this.notesFaults) gpu.indexFaults.expect();
    const { units } = this;
    for (let i = 0; i < units.length; i++) units[i]!.run();
  }

  release(): void {
    for (const call of this.calls) call.release(this.gpu);
  }

  private renew(): void {
    const { gpu, calls, variants } = this;
    const signature = signatureOf(calls);
    let units = variants.get(signature);
    if (units === undefined) {
      if (variants.size === mostVariants) variants.clear();
      variants.set(signature, (units = unitsOf(gpu, calls)));
    }
    this.units = units;
    for (const unit of units) unit.renew();
    const notes = gpu.indexFaults.block.memory;
    this.notesFaults = calls.some(({ launches }) =>
      launches.some(({ memories }) => memories.includes(notes)),
    );
  }
}

/** Calls that were captured, as parts, and between them the others, which are executed. */
function unitsOf(gpu: Gpu, calls: readonly CapturedCall[]): Unit[] {
  const units: Unit[] = [];
  let part: CapturedCall[] = [];
  const finish = () => {
    if (part.length > 0) units.push(new Part(gpu, part));
    part = [];
  };
  for (const captured of calls) {
    if (captured.isCaptured) part.push(captured);
    else {
      finish();
      units.push({ renew() {}, run: () => execute(captured.call) });
    }
  }
  finish();
  return units;
}
