import { ArgumentError, cat, type Tensor, zeros } from "@thalweg/tensor";
import {
  callback,
  checkArguments,
  describe,
  list,
  options as optionsOf,
  string,
} from "@thalweg/tensor/internal";
import { numRuns as runs } from "./arguments";
import { backwards, compareTwins, reversed } from "./compile-trial";
import { compareGradients } from "./gradcheck";
import type { AsyncLaw } from "./law";
import {
  batchDimOf,
  checkInputs,
  drawInputs,
  drawLayouts,
  expectBits,
  expectNear,
  expectShape,
  expectZeros,
  inputKind,
  type LawInput,
  leavesAt,
  resized,
  seeded,
} from "./law-inputs";
import { flat, LayerTrial, stateOf, type TestedLayer } from "./layer-trial";

/** Options of {@link layerLaws}. */
export interface LayerLawOptions<M extends TestedLayer> {
  /** The keys of its state dict, in their order; any unless given. */
  readonly keys?: readonly string[];
  /**
   * Calls the layer with the inputs; `layer.forward(...inputs)` unless given. The result is a tensor, or tensors in
   * arrays and objects.
   */
  readonly call?: (layer: M, ...inputs: Tensor[]) => unknown;
  /** Devices to move it to; `["cpu"]` unless given. */
  readonly devices?: readonly string[];
  /** Sample runs of each property; 3 unless given. */
  readonly numRuns?: number;
}

const signature = {
  make: callback,
  inputs: list(inputKind),
  options: optionsOf<LayerLawOptions<TestedLayer>>({
    keys: list(string),
    call: callback,
    devices: list(string),
    numRuns: runs,
  }),
};

function expectEqual(actual: readonly string[], expected: readonly string[], what: string): void {
  if (actual.join() !== expected.join())
    throw new Error(`${what}: ${actual.join(", ")}\nis not\n${expected.join(", ")}`);
}

/** The keys are the declared ones, the same in every instance, and cover every parameter and buffer. */
function checkKeys<M extends TestedLayer>(
  trial: LayerTrial<M>,
  declared: readonly string[] | undefined,
): Promise<void> {
  return trial.check((layer, inputs) => {
    const keys = Object.keys(layer.stateDict());
    if (declared !== undefined) expectEqual(keys, declared, "the keys of the state dict");
    expectEqual(Object.keys(trial.layer().stateDict()), keys, "the keys of another instance");
    const named = [...layer.namedParameters(), ...layer.namedBuffers()].map(([name]) => name);
    expectEqual(
      named.filter((name) => !keys.includes(name)),
      [],
      "parameters and buffers that are not saved",
    );
    trial.all(layer, inputs);
    expectEqual(Object.keys(layer.stateDict()), keys, "the keys after a call");
  }, 1);
}

function roundTrip<M extends TestedLayer>(trial: LayerTrial<M>): Promise<void> {
  return trial.check((layer, inputs) => {
    trial.run(layer, inputs);
    const state = Object.fromEntries(Object.entries(layer.stateDict()).map(([key, x]) => [key, x.clone()]));
    const other = seeded(trial.make, 1).train(layer.training);
    const { missing, unexpected } = other.loadStateDict(state);
    expectEqual([...missing, ...unexpected], [], "keys that were missing or unexpected");
    expectBits(stateOf(other), Object.values(state), "the loaded state, tensor");
    expectBits(trial.all(other, inputs), trial.all(layer, inputs), "after loading, output or gradient");
    expectBits(stateOf(other), stateOf(layer), "the state after another call, tensor");
    const [key] = Object.keys(state);
    const wrong: Record<string, Tensor>[] = [{ ...state, "no such key": zeros([1]) }];
    if (key !== undefined) wrong.push(Object.fromEntries(Object.entries(state).slice(1)));
    for (const bad of wrong) {
      let refused = false;
      try {
        other.loadStateDict(bad);
      } catch {
        refused = true;
      }
      if (!refused) throw new Error("it loaded a state with other keys");
    }
  });
}

/** Moves a layer and checks that its parameters and buffers keep their identity, and their gradients. */
function moved<M extends TestedLayer>(layer: M, target: string): M {
  const before = [...layer.parameters(), ...layer.buffers()];
  const frozen = before.map((x) => x.requiresGrad);
  for (const parameter of layer.parameters()) parameter.grad = parameter.detach().clone();
  layer.to(target);
  const after = [...layer.parameters(), ...layer.buffers()];
  if (after.length !== before.length || after.some((x, i) => x !== before[i]))
    throw new Error(`to("${target}") replaced a parameter or a buffer by another tensor`);
  after.forEach((x, i) => {
    if (x.requiresGrad !== frozen[i] || !x.isLeaf)
      throw new Error(`to("${target}") made something else of a parameter than a leaf`);
  });
  for (const [name, { dtype, device, grad }] of layer.namedParameters()) {
    if (grad?.dtype !== dtype || grad.device !== device)
      throw new Error(`to("${target}") left the gradient of ${name} behind`);
  }
  layer.zeroGrad();
  return layer;
}

/** In float64 it computes the same, up to rounding, and the way back loses nothing. */
function changesType<M extends TestedLayer>(trial: LayerTrial<M>): Promise<void> {
  return trial.check((layer, inputs) => {
    const state = stateOf(layer).map((x) => x.clone());
    const expected = trial.run(trial.layer().train(layer.training), inputs);
    moved(layer, "float64");
    Object.entries(layer.stateDict()).forEach(([key, { dtype }], i) => {
      if (state[i]!.dtype === "float32" && dtype !== "float64")
        throw new Error(`to("float64") left ${key} in ${dtype}`);
    });
    expectBits(stateOf(layer), state, "the state in float64, tensor");
    const wide = trial.run(
      trial.layer().train(layer.training).to("float64") as M,
      inputs.map((x) => x.to("float64")),
    );
    expectNear(wide, expected, 1e-4, "in float64, output");
    moved(layer, "float32");
    expectBits(stateOf(layer), state, "the state after a way to float64 and back, tensor");
    expectBits(trial.run(layer, inputs), expected, "after a way to float64 and back, output");
  });
}

async function read(x: Tensor | null): Promise<Tensor | null> {
  return x === null ? null : x.toAsync("cpu");
}

/** On the device it computes the same as here, gradients included. */
function changesDevice<M extends TestedLayer>(trial: LayerTrial<M>, device: string): Promise<void> {
  return trial.check(async (layer, inputs) => {
    const state = stateOf(layer).map((x) => x.clone());
    const expected = trial.all(trial.layer().train(layer.training), inputs);
    moved(layer, device);
    for (const [key, x] of Object.entries(layer.stateDict()))
      if (x.device !== device) throw new Error(`to("${device}") left ${key} on ${x.device}`);
    expectBits(await Promise.all(stateOf(layer).map(read)), state, `the state on ${device}, tensor`);
    const actual = trial.all(
      layer,
      inputs.map((x) => x.to(device)),
    );
    expectNear(await Promise.all(actual.map(read)), expected, 1e-4, `on ${device}, output or gradient`);
  });
}

/** In eval mode it computes the same at every call; afterwards, training goes on as before. */
function hasNoNoise<M extends TestedLayer>(trial: LayerTrial<M>): Promise<void> {
  return trial.check((layer, inputs) => {
    const before = trial.run(layer.train(), inputs);
    layer.eval();
    for (const [path, module] of layer.namedModules())
      if (module.training) throw new Error(`eval() left ${path || "the layer"} in training`);
    const buffers = layer.buffers().map((x) => x.clone());
    const outputs = [1, 2].map((seed) => flat(seeded(() => trial.call(layer, ...inputs), seed)));
    expectBits(outputs[1]!, outputs[0]!, "evaluated again, output");
    expectBits(layer.buffers(), buffers, "after evaluation, buffer");
    layer.train();
    for (const [path, module] of layer.namedModules())
      if (!module.training) throw new Error(`train() left ${path || "the layer"} in use`);
    expectBits(trial.run(layer, inputs), before, "in training again, output");
  });
}

/** The gradients of inputs and parameters agree with finite differences, in float64. */
function checkGradients<M extends TestedLayer>(trial: LayerTrial<M>): Promise<void> {
  return trial.check(
    (layer, inputs) => {
      layer.to("float64");
      const leaves = leavesAt(
        inputs.map((x) => x.to("float64")),
        trial.smooth,
      );
      const compute = () => cat(trial.run(layer, leaves).map((y) => y.flatten()));
      const named = [...layer.namedParameters()].filter(([, parameter]) => parameter.requiresGrad);
      const targets = [...trial.smooth.map((i) => [`input ${i}`, leaves[i]!] as const), ...named];
      for (const [name, target] of targets) {
        try {
          compareGradients("layerLaws", compute, [target], { allowAllKinks: true });
        } catch (error) {
          throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
        }
      }
    },
    Math.ceil(trial.numRuns / 3),
  );
}

/** A program computes and keeps the same, gradients and running statistics included. */
function compiles<M extends TestedLayer>(trial: LayerTrial<M>): Promise<void> {
  return trial.check(
    ({ training }, inputs) => {
      const make = () => {
        const layer = trial.layer().train(training);
        const call = (...given: Tensor[]) => {
          layer.zeroGrad();
          return backwards(given, trial.smooth, (...leaves) => flat(trial.call(layer as M, ...leaves)));
        };
        return { call, kept: () => [...stateOf(layer), ...layer.parameters().map(({ grad }) => grad)] };
      };
      // It is recorded without gradients, and with those of the last call.
      compareTwins(make, [inputs, inputs, inputs.map(reversed), inputs], 2);
    },
    Math.ceil(trial.numRuns / 3),
  );
}

/** The number of samples, from the first input that has a batch. */
function samplesIn(inputs: readonly LawInput[]): number {
  const [batched] = inputs.filter((input) => batchDimOf(input) !== null);
  return batched === undefined ? 0 : batched.shape[batchDimOf(batched)!]!;
}

/** With an empty batch the output is empty, and gradients are zeros. */
function takesNothing<M extends TestedLayer>(trial: LayerTrial<M>): Promise<void> {
  return trial.check((layer, inputs, g) => {
    const draw = (change: (samples: number) => number) => drawInputs(g, resized(trial.inputs, change));
    const none = draw(() => 0);
    const full = trial.all(layer, inputs);
    const fuller = trial.run(
      layer,
      draw((samples) => samples + 1),
    );
    const found = trial.all(layer, none);
    fuller.forEach((y, i) => {
      // Dimensions that grow with the batch grow in proportion to it.
      const samples = samplesIn(trial.inputs);
      const shape = full[i]!.shape.map((extent, d) => extent - samples * (y.shape[d]! - extent));
      expectShape(found[i]!, shape, `of no samples, output ${i}`);
    });
    const parameters = [...layer.namedParameters()].filter(([, { requiresGrad }]) => requiresGrad);
    const targets = [...trial.smooth.map((i) => [`input ${i}`, none[i]!] as const), ...parameters];
    targets.forEach(([name, target], k) => {
      const [gradient, usual] = [found[fuller.length + k], full[fuller.length + k]];
      const what = `of no samples, the gradient of ${name}`;
      if (usual === null) return;
      if (!gradient) throw new Error(`${what} is missing`);
      expectShape(gradient, target.shape, what);
      expectZeros(gradient, what);
    });
  }, 1);
}

/**
 * The requirements on every layer, as properties of drawn inputs, in training and in eval mode: its state dict has stable
 * keys and turns another instance into the same layer; it moves to another type and device, with its parameters keeping their
 * identity; in eval mode it computes without noise; gradients of inputs and parameters agree with central differences in
 * float64; an empty batch gives an empty output and zero gradients; strided inputs give the same bits as dense ones, and so does
 * `compile`; and it writes to none of its inputs. Random numbers have to come from the default generator.
 *
 * @param make makes a new layer, small enough for its gradient to be checked element by element
 * @param inputs its inputs
 * @throws ArgumentError when `make` does not return a module, or an input has no such `batchDim`
 * @example
 * const laws = layerLaws(() => new Linear(4, 3), [{ shape: [2, 4] }], { keys: ["weight", "bias"] });
 * for (const law of laws) await law.run();
 * laws.length; // → 10
 */
export function layerLaws<M extends TestedLayer>(
  make: () => M,
  inputs: readonly LawInput[],
  options: LayerLawOptions<M> = {},
): AsyncLaw[] {
  checkArguments("layerLaws", signature, [make, inputs, options]);
  checkInputs("layerLaws", inputs);
  const { keys, devices = ["cpu"], numRuns = 3 } = options;
  const forward = (layer: M, ...given: Tensor[]) => layer.forward(...(given as never[]));
  const name = nameOf(seeded(make));
  const trial = new LayerTrial(make, inputs, options.call ?? forward, numRuns);
  const law = (what: string, run: () => Promise<void>): AsyncLaw => ({ name: `${name} ${what}`, run });
  return [
    law("has stable keys", () => checkKeys(trial, keys)),
    law("can be rebuilt from its state", () => roundTrip(trial)),
    law("moves to float64 and back", () => changesType(trial)),
    ...devices.map((device) => law(`moves to ${device}`, () => changesDevice(trial, device))),
    law("has no noise in eval mode", () => hasNoNoise(trial)),
    law("has the gradients of finite differences", () => checkGradients(trial)),
    law("gives the same bits when it is compiled", () => compiles(trial)),
    ...(samplesIn(inputs) > 0 ? [law("accepts an empty batch", () => takesNothing(trial))] : []),
    law("gives the same bits for strided and dense inputs", () =>
      trial.check((layer, dense, g) => {
        const expected = trial.all(layer, dense);
        const ways = drawLayouts(g, inputs);
        const strided = dense.map((x, i) => ways[i]!(x));
        expectBits(trial.all(trial.layer().train(layer.training), strided), expected, "output or gradient");
      }),
    ),
    law("writes to none of its inputs", () =>
      trial.check((layer, given) => {
        const before = given.map((x) => x.clone());
        trial.all(layer, given);
        expectBits(given, before, "after a call, input");
      }),
    ),
  ];
}

function nameOf(layer: TestedLayer): string {
  const { forward, stateDict } = Object(layer) as Partial<TestedLayer>;
  if (typeof forward === "function" && typeof stateDict === "function") return layer.constructor.name;
  throw new ArgumentError(
    "layerLaws",
    `make must return a module, got ${describe(layer)}`,
    "return a new layer",
  );
}
