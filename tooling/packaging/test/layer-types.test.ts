import * as nn from "@thalweg/nn";
import { expect, test } from "vitest";
import { diagnose, madeUp } from "./diagnose.js";

/** All layers: base classes of layers have no `forward`. */
const layers = Object.entries(nn).flatMap(([name, value]) => {
  const { prototype } = Object(value) as { readonly prototype?: object };
  return prototype instanceof nn.Module && "forward" in prototype ? [name] : [];
});

test("every layer is a type", () => {
  expect(layers.length).toBeGreaterThan(40);
  const uses = layers.map((name) => `export const use${name} = (layer: ${name}): Module => layer;`);
  expect(diagnose(`import { Module, ${layers.join(", ")} } from "thalweg";\n${uses.join("\n")}`)).toEqual([]);
});

test("a Sequential knows its layers, however its arguments are written", () => {
  const program = `
    import { Identity, Layer, Linear, ModuleList, Parameter, ReLU, Sequential, tensor, zeros, type Tensor } from "thalweg";
    const model = new Sequential(new Linear(2, 3), new ReLU(), new Linear(3, 1));
    const first: Linear = model[0];
    const weight: Parameter = model.at(0).weight;
    const last: number = model.at(-1).outFeatures;
    model[1] = new Identity();
    model[0].weight = new Parameter(zeros([3, 2]));
    const layers: Layer[] = [first, new ReLU()];
    const general: Sequential = new Sequential(...layers);
    const some: Layer | undefined = general.at(0);
    const net: Sequential = model;
    class Mine extends Sequential {
      constructor() {
        super(new Linear(1, 1));
      }
      override forward(x: Tensor): Tensor {
        return super.forward(x).relu();
      }
    }
    const list = new ModuleList([new Linear(1, 1)]);
    const bias: Parameter | null = list[0]!.bias;
    const activation: ReLU = new ReLU();
    export { bias, last, Mine, net, some, weight, activation };
    new Mine().forward(tensor([1]));
  `;
  expect(diagnose(program)).toEqual([]);
});

test.each([
  ["a class in place of a layer", "new Sequential(new Linear(1, 1), ReLU)", /typeof|new \(\) => Layer/],
  [
    "a tensor in place of a parameter",
    "new Linear(1, 1).weight = zeros([1, 1])",
    /'isParameter' is missing in type 'Tensor'/,
  ],
  ["a position in place of options", "new Linear(1, 1, false)", /'boolean'|'false'/],
  [
    "an option that does not exist",
    "new Conv2d(1, 1, 3, { strides: 1 })",
    /'stride'|'strides' does not exist in type 'ConvLayerOptions'/,
  ],
  ["an object in place of a module", "new Sequential({ forward: (x: Tensor) => x })", /Layer/],
  ["a text in place of a tensor", 'new ReLU().forward("a")', /parameter of type 'Tensor'/],
  [
    "a layer in place of another",
    "const layer: Linear = new ReLU()",
    /missing the following properties from type 'Linear'/,
  ],
  ["no dim", "new Softmax()", /Expected 1 arguments/],
  ["another mode", 'new Conv2d(1, 1, 3, { paddingMode: "zero" })', /"zeros"/],
  ["another reduction", 'mseLoss(zeros([1]), zeros([1]), { reduction: "median" })', /Reduction/],
])("the compiler says what is wrong with %s in names that its reader knows", (_, line, expected) => {
  const program = `import { Conv2d, Linear, mseLoss, ReLU, Sequential, Softmax, zeros, type Tensor } from "thalweg";
    export const use = (x: Tensor) => x;
    void [Conv2d, Linear, mseLoss, ReLU, Sequential, Softmax, zeros];
    ${line.startsWith("const") ? `export ${line}` : line};`;
  const messages = diagnose(program);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatch(expected);
  expect(messages[0]).not.toMatch(madeUp);
});
