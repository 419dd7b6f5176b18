import { noGrad } from "@thalweg/autograd";
import { Module } from "@thalweg/nn";
import { Tensor, zeros } from "@thalweg/tensor";
import {
  type CallLayer,
  checkArguments,
  either,
  type KernelCall,
  kind,
  pushCallLayer,
  shapeKind,
  tensorKind,
  tensorsKind,
} from "@thalweg/tensor/internal";
import { keepingModes } from "./modes";

/** What a layer does with the input of a {@link summary}. */
export interface LayerSummary {
  /** The path that leads to the layer, such as `encoder.0`; empty for the model itself. */
  readonly path: string;
  /** Name of its class. */
  readonly layer: string;
  /** The shape of its result, the first one if there are several; null if it was not called. */
  readonly outputShape: readonly number[] | null;
  /** Number of the parameters of the layer itself, without those below it. */
  readonly parameters: number;
  /** Multiplications with an addition in matrix products and convolutions of the layer itself. */
  readonly multiplyAdds: number;
}

/** What a model consists of, and what it costs. */
export interface ModelSummary {
  /** The model and all layers below it, in the order in which they are registered. */
  readonly layers: readonly LayerSummary[];
  /** Number of parameters, each counted once. */
  readonly parameters: number;
  /** Number of those that require grad. */
  readonly trainable: number;
  readonly multiplyAdds: number;
  /** Bytes of parameters and buffers. */
  readonly bytes: number;
  /** Bytes of the results of all layers. */
  readonly outputBytes: number;
  /** The same as a table. */
  toString(): string;
}

/** The shape of the input, the input, or several inputs. */
export type SummaryInput = readonly number[] | Tensor | readonly Tensor[];

const signature = {
  model: /* @__PURE__ */ kind("a module", (value) => value instanceof Module),
  input: /* @__PURE__ */ either(shapeKind, tensorKind, tensorsKind),
};

const widths = { float32: 4, float64: 8, int32: 4, bool: 4 };
const bytesOf = ({ dtype, size }: Tensor) => widths[dtype] * size;
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** What is learned of a module while the model runs. */
interface Notes {
  output: Tensor | null;
  multiplyAdds: number;
}

/**
 * Runs a model once, in evaluation and without gradients, and says what its layers return and cost.
 *
 * @param input the shape of the input, of zeros in float32; or the input, which is for models of token ids; or several inputs
 * @throws what the forward pass throws, with the model as it was
 * @example
 * const { parameters, multiplyAdds } = summary(new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2)), [16, 4]);
 * [parameters, multiplyAdds]; // → [58,768]
 */
export function summary(model: Module, input: SummaryInput): ModelSummary {
  checkArguments("summary", signature, [model, input]);
  const device = model.parameters()[0]?.device ?? "cpu";
  const notes = new Map<Module, Notes>();
  const outputs = observe(model, inputsOf(input, device), notes);
  const layers = Array.from(model.namedModules(), ([path, module]): LayerSummary => {
    const { output = null, multiplyAdds = 0 } = notes.get(module) ?? {};
    return {
      path,
      layer: /^\w*/.exec(String(module))![0],
      outputShape: output?.shape ?? null,
      parameters: sum(ownParameters(module).map(({ size }) => size)),
      multiplyAdds,
    };
  });
  const parameters = model.parameters();
  const result = {
    layers,
    parameters: sum(parameters.map(({ size }) => size)),
    trainable: sum(parameters.map(({ requiresGrad, size }) => (requiresGrad ? size : 0))),
    multiplyAdds: sum(layers.map((layer) => layer.multiplyAdds)),
    bytes: sum([...parameters, ...model.buffers()].map(bytesOf)),
    outputBytes: outputs,
  };
  return { ...result, toString: () => table(result) };
}

function inputsOf(input: SummaryInput, device: string): Tensor[] {
  if (input instanceof Tensor) return [input.to(device)];
  const isTensors = input.length > 0 && input.every((item) => item instanceof Tensor);
  if (isTensors) return (input as readonly Tensor[]).map((x) => x.to(device));
  return [zeros(input as readonly number[], { device })];
}

/** The parameters of a module that are not those of modules below it. */
function ownParameters(module: Module): Tensor[] {
  const below = new Set(Array.from(module.namedChildren(), ([, child]) => child.parameters()).flat());
  return module.parameters().filter((parameter) => !below.has(parameter));
}

/** Runs the model, and notes what each module returns and multiplies; returns the bytes of all results. */
function observe(model: Module, inputs: readonly Tensor[], notes: Map<Module, Notes>): number {
  const active: Notes[] = [];
  const results = new Set<Tensor>();
  const count: CallLayer = (call, next) => {
    next(call);
    const last = active.at(-1);
    if (last !== undefined) last.multiplyAdds += multiplyAddsOf(call);
  };
  const modules = [...model.modules()];
  for (const module of modules) {
    const note: Notes = { output: null, multiplyAdds: 0 };
    notes.set(module, note);
    const { forward } = module as Module & { readonly forward: (...args: unknown[]) => unknown };
    const observed = (...args: unknown[]) => {
      active.push(note);
      try {
        const result = forward.apply(module, args);
        note.output ??= firstTensor(result);
        if (note.output !== null) results.add(note.output);
        return result;
      } finally {
        active.pop();
      }
    };
    Object.defineProperty(module, "forward", { value: observed, configurable: true });
  }
  const remove = pushCallLayer(count);
  try {
    keepingModes(model, () => {
      model.eval();
      noGrad(() => (model as unknown as { forward(...args: Tensor[]): unknown }).forward(...inputs));
    });
  } finally {
    remove();
    for (const module of modules) Reflect.deleteProperty(module, "forward");
  }
  return sum([...results].map(bytesOf));
}

function firstTensor(result: unknown): Tensor | null {
  if (result instanceof Tensor) return result;
  return Array.isArray(result) ? firstTensor(result[0]) : null;
}

/** One for each element of the result and each of its terms. */
function multiplyAddsOf(call: KernelCall): number {
  if (call.kind !== "matmul") return 0;
  const terms = call.a.layout.shape.slice(-(call.grouping?.terms ?? 1));
  return [...call.out.layout.shape, ...terms].reduce((a, b) => a * b, 1);
}

const thousands = (value: number) => String(value).replaceAll(/\B(?=(\d{3})+$)/g, ",");
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

function table({
  layers,
  parameters,
  trainable,
  multiplyAdds,
  bytes,
  outputBytes,
}: Omit<ModelSummary, "toString">): string {
  const rows = [
    ["layer", "output shape", "parameters", "multiply-adds"],
    ...layers.map(({ path, layer, outputShape, parameters: own, multiplyAdds: macs }) => [
      `${"  ".repeat(path === "" ? 0 : path.split(".").length)}${layer}${path === "" ? "" : ` (${path})`}`,
      outputShape === null ? "-" : `[${outputShape.join(", ")}]`,
      own === 0 ? "-" : thousands(own),
      macs === 0 ? "-" : thousands(macs),
    ]),
  ];
  const widest = rows[0]!.map((_, k) => Math.max(...rows.map((row) => row[k]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, k) => (k < 2 ? cell.padEnd(widest[k]!) : cell.padStart(widest[k]!)))
      .join("  ")
      .trimEnd(),
  );
  const rule = "-".repeat(sum(widest) + 6);
  return [
    lines[0],
    rule,
    ...lines.slice(1),
    rule,
    `parameters: ${thousands(parameters)}, of which ${thousands(trainable)} are trained, in ${mebibytes(bytes)} with buffers`,
    `multiply-adds: ${thousands(multiplyAdds)}`,
    `results of layers: ${mebibytes(outputBytes)}`,
  ].join("\n");
}
