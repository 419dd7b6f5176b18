import { noGrad } from "@thalweg/autograd";
import { compile } from "@thalweg/compile";
import { mseLoss } from "@thalweg/losses";
import { BatchNorm1d, Linear, Module, Parameter, Sequential, Tanh } from "@thalweg/nn";
import { Adam, clipGradNorm_, createOptimizer, type OptimizerRegistry, SGD } from "@thalweg/optim";
import { defaultGenerator, Generator, manualSeed, randn, type Tensor, zeros } from "@thalweg/tensor";
import { type Communicator, DataParallel } from "../../src/index";

/** Training that all ranks do together, or one process with all rows. */
export interface Scenario {
  readonly seed: number;
  /** The widths of the layers. */
  readonly widths: readonly number[];
  /** For each step the rows of each rank. */
  readonly rows: readonly (readonly number[])[];
  readonly optimizer: string;
  readonly bucketBytes?: number;
  readonly compiled?: boolean;
  readonly clipped?: boolean;
  /** Whether every second step adds its gradients to those of the next. */
  readonly accumulates?: boolean;
  /** Whether each step has a second loss, of the same forward pass. */
  readonly isTwofold?: boolean;
  readonly normalizes?: "alone" | "together";
  /** The ranks that use a parameter which others do not. */
  readonly extra?: readonly number[];
  /** What a rank does wrong. */
  readonly fault?: {
    readonly rank: number;
    readonly does: "NaN" | "more layers" | "drifts" | "drifts early";
  };
  /** See the option of `DataParallel`. */
  readonly checkEvery?: number;
}

/** What a rank has at the end. */
export interface Outcome {
  readonly parameters: readonly Float32Array[];
  readonly buffers: readonly Float32Array[];
  /** How often the step was recorded; 0 if it was not compiled. */
  readonly recordings: number;
  /** A number of the default generator. */
  readonly random: number;
}

/** Layers, and a parameter that only some ranks use. */
class Model extends Module {
  readonly layers: Sequential;
  readonly extra = new Parameter(zeros([1]));
  readonly unused = new Parameter(zeros([2]));
  usesExtra = false;

  constructor({ widths, normalizes }: Scenario) {
    super();
    const layers = widths.slice(1).flatMap((width, i) => {
      const last = i === widths.length - 2;
      const linear = new Linear(widths[i]!, width);
      return last ? [linear] : [linear, ...(normalizes ? [new BatchNorm1d(width)] : []), new Tanh()];
    });
    this.layers = new Sequential(...layers);
  }

  override forward(x: Tensor): Tensor {
    const y = this.layers.forward(x);
    return this.usesExtra ? y.add(this.extra) : y;
  }
}

function optimizerOf(model: Model, { optimizer }: Scenario) {
  if (optimizer === "SGD") return new SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });
  if (optimizer === "Adam") return new Adam(model.parameters(), { lr: 0.01 });
  const all = model.parameters();
  // Muon takes matrices only.
  const params = optimizer === "muon" ? all.filter(({ ndim }) => ndim === 2) : all;
  return createOptimizer(optimizer as keyof OptimizerRegistry, params, { lr: 0.01 });
}

/** Trains this rank's part. */
export function train(world: Communicator, scenario: Scenario): Outcome {
  // Only rank 0 begins as the process alone does.
  manualSeed(scenario.seed + world.rank);
  const fault = scenario.fault?.rank === world.rank ? scenario.fault.does : undefined;
  const widths = fault === "more layers" ? [...scenario.widths, 3] : scenario.widths;
  const model = new Model({ ...scenario, widths });
  model.usesExtra = scenario.extra?.includes(world.rank) ?? false;
  const { bucketBytes = 2 ** 20 } = scenario;
  const syncBatchNorm = scenario.normalizes === "together";
  const parallel = new DataParallel(model, {
    world,
    bucketBytes,
    syncBatchNorm,
    ...(scenario.checkEvery !== undefined && { checkEvery: scenario.checkEvery }),
  });
  const optimizer = optimizerOf(model, scenario);
  const generator = new Generator(scenario.seed);
  const backward = (x: Tensor, y: Tensor): Tensor => {
    const output = parallel.forward(x);
    const loss = mseLoss(output, y);
    if (scenario.isTwofold) output.abs().mean().backward(undefined, { retainGraph: true });
    (fault === "NaN" ? loss.mul(Number.NaN) : loss).backward();
    return loss;
  };
  const add = (x: Tensor, y: Tensor) => void parallel.noSync(() => backward(x, y));
  const step = (x: Tensor, y: Tensor) => {
    optimizer.step(() => {
      if (optimizer.name === "lbfgs") optimizer.zeroGrad();
      const loss = parallel.mean(backward(x, y));
      if (scenario.clipped) clipGradNorm_(model.parameters(), 0.1);
      return loss;
    });
    optimizer.zeroGrad();
  };
  const compiled = scenario.compiled ? { add: compile(add), step: compile(step) } : null;
  const [addOnce, stepOnce] = compiled ? [compiled.add, compiled.step] : [add, step];
  scenario.rows.forEach((rows, i) => {
    const total = rows.reduce((sum, count) => sum + count, 0);
    const x = randn([total, scenario.widths[0]!], { generator });
    const y = randn([total, scenario.widths.at(-1)!], { generator });
    const start = world.size === 1 ? 0 : rows.slice(0, world.rank).reduce((sum, count) => sum + count, 0);
    const count = world.size === 1 ? total : rows[world.rank]!;
    const run = scenario.accumulates && i % 2 === 0 ? addOnce : stepOnce;
    run(x.narrow(0, start, count), y.narrow(0, start, count));
    if (fault === "drifts early" && i === 0) noGrad(() => model.parameters()[0]!.add_(1e-7));
  });
  if (fault === "drifts") noGrad(() => model.parameters()[1]!.add_(1e-7));
  parallel.checkIdentical();
  return {
    parameters: model.parameters().map((param) => param.dataSync().slice() as Float32Array),
    buffers: model.buffers().map((buffer) => buffer.dataSync().slice() as Float32Array),
    recordings: compiled?.step.explain().recordings ?? 0,
    random: randn([1], { generator: defaultGenerator }).item(),
  };
}
