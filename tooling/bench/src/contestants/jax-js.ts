import { init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import {
  type Contestant,
  type Input,
  type LineProblem,
  type MlpProblem,
  type OperationName,
  type Runner,
  training,
} from "../contestant";
import { versionAbove } from "./version";

// Every function consumes its arguments; `.ref` keeps one for another use.

await init("wasm");

const upload = ({ shape, values }: Input) => np.array(values).reshape([...shape]);

type Binary = (a: np.Array, b: np.Array) => np.Array;
type Unary = (a: np.Array) => np.Array;

const unary: Partial<Record<OperationName, Unary>> = {
  exp: jit((a: np.Array) => np.exp(a)),
  sum: jit((a: np.Array) => np.sum(a)),
  sumRows: jit((a: np.Array) => np.sum(a, 0)),
  sumColumns: jit((a: np.Array) => np.sum(a, 1)),
  softmax: jit((a: np.Array) => nn.softmax(a, -1)),
  transpose: jit((a: np.Array) => np.transpose(a)),
};

const chain = jit((a: np.Array, b: np.Array) => nn.relu(a.ref.mul(b).add(a)));

const binary: Partial<Record<OperationName, Binary>> = {
  add: jit((a: np.Array, b: np.Array) => a.add(b)),
  addRow: jit((a: np.Array, row: np.Array) => a.add(row)),
  chain,
  fused: chain,
  matmul: jit((a: np.Array, b: np.Array) => np.matmul(a, b)),
  matmulNT: jit((a: np.Array, b: np.Array) => np.matmul(a, np.transpose(b))),
  matmulTN: jit((a: np.Array, b: np.Array) => np.matmul(np.transpose(a), b)),
};

/** Below this, reading a result costs less than waiting for it. */
const small = 1024;

function operation(name: OperationName, inputs: readonly Input[]): Runner | null {
  const [a, b = a.ref] = inputs.map(upload) as [np.Array, np.Array?];
  const isTiny = a.size < 10;
  const [one, two] = [
    unary[name],
    isTiny && name === "add" ? (x: np.Array, y: np.Array) => x.add(y) : binary[name],
  ];
  if (!one && !two) return null;
  const compute = () => (one ? one(a.ref) : two!(a.ref, b.ref));
  return {
    run: async (count) => {
      for (let i = 0; i < count; i++) {
        const value = compute();
        if (value.size <= small) {
          value.dataSync();
        } else {
          await value.blockUntilReady();
          value.dispose();
        }
      }
    },
    result: () => compute().dataSync() as Float32Array,
    dispose: () => tree.dispose([a, b]),
  };
}

function line({ by, lr }: LineProblem, inputs: readonly Input[]): Runner | null {
  if (by === "modules") return null;
  const [x, y] = inputs.map(upload) as [np.Array, np.Array];
  const loss = (w: np.Array, b: np.Array) => np.mean(np.square(np.matmul(x.ref, w).add(b).sub(y.ref)));
  const update = jit((w: np.Array, b: np.Array) => {
    const [value, [dw, db]] = valueAndGrad(loss, { argnums: [0, 1] })(w.ref, b.ref);
    return [value, w.sub(dw.mul(lr)), b.sub(db.mul(lr))];
  });
  return training(() => {
    let [w, b] = [np.zeros([1, 1]), np.zeros([1])];
    return () => {
      const [value, ...updated] = update(w, b) as [np.Array, np.Array, np.Array];
      [w, b] = updated;
      return value.item();
    };
  });
}

type Parameters = np.Array[];

function logits(parameters: Parameters, x: np.Array): np.Array {
  let y = x;
  for (let i = 0; i < parameters.length; i += 2) {
    y = np.matmul(i === 0 ? y : nn.relu(y), parameters[i]!).add(parameters[i + 1]!);
  }
  return y;
}

function adam(
  parameters: Parameters,
  gradients: Parameters,
  m: Parameters,
  v: Parameters,
  scale: Corrections,
) {
  const [beta1, beta2] = betas;
  const firsts = m.map((mi, i) => mi.mul(beta1).add(gradients[i]!.ref.mul(1 - beta1)));
  const seconds = v.map((vi, i) => vi.mul(beta2).add(np.square(gradients[i]!).mul(1 - beta2)));
  const updated = parameters.map((parameter, i) => {
    const root = np.sqrt(seconds[i]!.ref.mul(scale.second.ref)).add(1e-8);
    return parameter.sub(firsts[i]!.ref.mul(scale.first.ref).div(root));
  });
  tree.dispose(scale);
  return { parameters: updated, m: firsts, v: seconds };
}

/** Of the bias of the moments, the learning rate included; computed outside, where they cost nothing. */
type Corrections = { first: np.Array; second: np.Array };

const betas = [0.9, 0.999] as const;

function mlp({ optimizer, lr }: MlpProblem, inputs: readonly Input[]): Runner {
  const [x, labels] = [upload(inputs[0]!), upload(inputs[1]!).astype(np.int32)];
  // Weights are [in, out] here, as is usual with this library.
  const initial = inputs.slice(2).map((input) => {
    const parameter = upload(input);
    return parameter.ndim === 2 ? copy(np.transpose(parameter)) : parameter;
  });
  const classes = initial.at(-1)!.size;
  const target = nn.oneHot(labels, classes);
  const loss = (parameters: Parameters) =>
    nn.logSoftmax(logits(parameters, x.ref), -1).mul(target.ref).sum(-1).mean().neg();
  const evaluate = valueAndGrad(loss);
  const descend = jit((parameters: Parameters) => {
    const [value, gradients] = evaluate(tree.ref(parameters));
    const updated = parameters.map((parameter, i) => parameter.sub(gradients[i]!.mul(lr)));
    return { value, parameters: updated };
  });
  const adapt = jit((parameters: Parameters, m: Parameters, v: Parameters, scale: Corrections) => {
    const [value, gradients] = evaluate(tree.ref(parameters));
    return { value, ...adam(parameters, gradients, m, v, scale) };
  });
  const scalar = (value: number) => np.array(new Float32Array([value])).reshape([]);

  let [parameters, m, v]: [Parameters, Parameters, Parameters] = [[], [], []];
  const descent = () => {
    const updated = descend(parameters);
    parameters = updated.parameters;
    return updated.value.item();
  };
  const adaptation = () => {
    let [power1, power2] = [1, 1];
    return () => {
      power1 *= betas[0];
      power2 *= betas[1];
      const scale = { first: scalar(lr / (1 - power1)), second: scalar(1 / (1 - power2)) };
      const updated = adapt(parameters, m, v, scale);
      ({ parameters, m, v } = updated);
      return updated.value.item();
    };
  };
  return training(
    () => {
      parameters = tree.ref(initial);
      if (optimizer === "sgd") return descent;
      [m, v] = [initial.map((p) => np.zeros(p.shape)), initial.map((p) => np.zeros(p.shape))];
      return adaptation();
    },
    () => tree.dispose([parameters, m, v]),
  );
}

/** A transposed array is a view until it is computed. */
const copy = (a: np.Array) => {
  const shape = a.shape;
  return np.array(a.dataSync()).reshape(shape);
};

export const jaxJs: Contestant = {
  name: "jax-js",
  version: versionAbove(import.meta.resolve("@jax-js/jax")),
  cases: { line, mlp, operation: (problem, inputs) => operation(problem.operation, inputs) },
};
