import { Linear, mseLoss, randn, ready, type Tensor, tensor, toGraph, zeros } from "thalweg";
import { type ExampleName, examples } from "./examples";

/** A number of the calculation. */
export interface Box {
  readonly isOperation: boolean;
  readonly name: string;
  readonly value: number;
  readonly gradient: number;
}

/** An operand of an operation. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
  /** Derivative of the result by the operand. */
  readonly derivative: number;
  /** What the operand gets back along this arrow: derivative times the gradient of the result. */
  readonly part: number;
}

/** A calculation and its gradients. */
export interface Trace {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** A gradient, and what finite differences say of it. */
export interface Comparison {
  readonly name: string;
  readonly gradient: number;
  readonly difference: number;
}

/** What two ways to the gradients of a large network cost here. */
export interface Cost {
  readonly parameters: number;
  /** Milliseconds of a loss, and of its gradients by `backward`. */
  readonly loss: number;
  readonly backward: number;
}

type Numbers = readonly Tensor[];

const losses: Readonly<Record<ExampleName, (numbers: Numbers) => Tensor>> = {
  sum: ([w, x, y]) => w!.mul(x!).add(w!.mul(y!)).square(),
  network([x, w1, w2, v1, v2, t]) {
    const [h1, h2] = [w1!.mul(x!).tanh(), w2!.mul(x!).tanh()];
    return v1!.mul(h1).add(v2!.mul(h2)).sub(t!).square();
  },
};

/** The step of finite differences. */
const epsilon = 1e-4;

function compute(example: ExampleName, values: readonly number[]): { loss: Tensor; numbers: Numbers } {
  const numbers = values.map((value, i) => {
    const x = tensor(value, { requiresGrad: true, dtype: "float64" });
    x.name = examples[example].names[i];
    return x;
  });
  return { loss: losses[example](numbers), numbers };
}

/** Milliseconds of a call, the mean of as many as fit into a moment. */
function time(call: () => void): number {
  call();
  const start = performance.now();
  let [calls, passed] = [0, 0];
  do {
    call();
    calls++;
    passed = performance.now() - start;
  } while (passed < 60);
  return passed / calls;
}

/** Computes the figures of backpropagation. */
export const program = {
  /** The graph that the library has recorded, with the gradients that `backward` leaves on it. */
  trace(example: ExampleName, values: readonly number[]): Trace {
    const { loss } = compute(example, values);
    loss.backward(undefined, { retainGraph: true });
    const { boxes, arrows } = toGraph(loss);
    const item = (x: Tensor | number | null) => (typeof x === "object" ? x!.item() : x);
    return {
      boxes: boxes.map(({ kind, name, value, gradient }) => ({
        isOperation: kind === "operation",
        name: name!,
        value: item(value),
        gradient: item(gradient),
      })),
      arrows: arrows.map((arrow) => {
        const derivative = arrow.derivative()!;
        const part = derivative.mul(boxes[arrow.to]!.gradient!);
        return { from: arrow.from, to: arrow.to, derivative: derivative.item(), part: part.item() };
      }),
    };
  },

  /** The gradients beside (loss(w + ε) − loss(w)) / ε. */
  compare(example: ExampleName, values: readonly number[]): Comparison[] {
    const { loss, numbers } = compute(example, values);
    loss.backward();
    return numbers.map((x, i) => {
      const moved = compute(example, values.with(i, values[i]! + epsilon)).loss;
      return {
        name: x.name!,
        gradient: x.grad!.item(),
        difference: moved.sub(loss).div(epsilon).item(),
      };
    });
  },

  /** Measures a network of a million parameters on this machine. */
  async cost(): Promise<Cost> {
    await ready();
    const model = new Linear(1000, 1000);
    const [x, y] = [randn([1, 1000]), zeros([1, 1000])];
    const evaluate = () => mseLoss(model.forward(x), y);
    const loss = time(() => evaluate().item());
    const both = time(() => {
      model.zeroGrad();
      evaluate().backward();
    });
    const parameters = model.parameters().reduce((count, { size }) => count + size, 0);
    return { parameters, loss, backward: both };
  },
};
