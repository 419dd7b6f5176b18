import { fc } from "@fast-check/vitest";
import { grad, noGrad } from "@thalweg/autograd";
import { bernoulli, cat, layerNorm, randLike, type Tensor, ThalwegError, where } from "@thalweg/tensor";

/** An instruction, and numbers that choose its operands among the tensors that are there. */
export interface Instruction {
  readonly name: string;
  readonly at: readonly [number, number, number];
}

/** Tensors that instructions read, write and add to. */
export interface Pool {
  readonly tensors: Tensor[];
  /** Leaves from outside of the function, which require grad. */
  readonly leaves: readonly Tensor[];
}

type Action = (pool: Pool, x: Tensor, y: Tensor, k: number) => Tensor | readonly Tensor[] | undefined;

/** Keeps numbers small, so that they stay finite over many instructions. */
const tame = (x: Tensor) => x.clamp(-3, 3);

const maps: Record<string, Action> = {
  tanh: (_, x) => x.tanh(),
  relu: (_, x) => x.relu(),
  exp: (_, x) => tame(x).exp(),
  gelu: (_, x) => tame(x).gelu(),
  add: (_, x, y) => x.add(y),
  mul: (_, x, y) => tame(x).mul(tame(y)),
  sub: (_, x, y) => x.sub(y),
  scale: (_, x, _y, k) =>
    tame(x)
      .mul(k / 4)
      .add(1),
  choose: (_, x, y) => where(x.lt(y), x, y.neg()),
  ints: (_, x) => tame(x).to("int32").add(3),
  wide: (_, x) => x.to("float64"),
};

const reductions: Record<string, Action> = {
  sum: (_, x, _y, k) => (k % 3 === 0 ? tame(x).sum() : tame(x).sum(k % x.ndim, { keepDim: k % 2 === 0 })),
  mean: (_, x, _y, k) => x.mean(k % x.ndim, { keepDim: true }),
  max: (_, x, _y, k) => x.amax(k % x.ndim),
  softmax: (_, x, _y, k) => x.softmax(k % x.ndim),
  norm: (_, x) => layerNorm(x, x.shape.at(-1)!),
  cumsum: (_, x, _y, k) => tame(x).cumsum(k % x.ndim),
  sort: (_, x, _y, k) => {
    const { values, indices } = x.sort(k % x.ndim);
    return [values, indices];
  },
};

const products: Record<string, Action> = {
  matmul: (_, x, y) => tame(x).matmul(tame(y).transpose(0, 1)),
  gram: (_, x) => tame(x).matmul(tame(x).transpose(-1, -2)),
  layer: ({ leaves }, x) => tame(x).matmul(leaves[0]!).add(leaves[1]!),
};

const views: Record<string, Action> = {
  transpose: (_, x) => x.transpose(0, -1),
  flip: (_, x, _y, k) => x.flip([k % x.ndim]),
  narrow: (_, x, _y, k) => x.narrow(k % x.ndim, 0, Math.max(1, x.shape[k % x.ndim]! - 1)),
  expand: (_, x) => x.unsqueeze(0).expand([2, ...x.shape]),
  overlap: (_, x, _y, k) => x.unfold(k % x.ndim, 2, 1),
  select: (_, x) => x.select(0, -1),
  flatten: (_, x) => x.flatten(),
  join: (_, x, y, k) => cat([x, y], k % x.ndim),
  detach: (_, x) => x.detach(),
};

const writes: Record<string, Action> = {
  increment: (_, x, y) => void x.add_(y),
  halve: (_, x) => void x.mul_(0.5),
  overwrite: (_, x, y) => void x.copy_(y),
  fill: (_, x, _y, k) => void x.fill_(k),
  shift: (_, x, _y, k) => void x.narrow(k % x.ndim, 0, 1).add_(1),
  reverse: (_, x) => void x.add_(x.flip([0])),
  inCopy: (_, x, y) => {
    const copy = x.clone();
    copy.select(0, 0).mul_(2);
    return copy.add_(y);
  },
};

const random: Record<string, Action> = {
  noise: (_, x) => x.add(randLike(x)),
  mask: (_, x) => x.mul(bernoulli(x.shape, 0.5)),
};

const gradients: Record<string, Action> = {
  backward: (_, x) => void tame(x).sum().backward(),
  twice: (_, x) => {
    const loss = tame(x).mean();
    loss.backward(undefined, { retainGraph: true });
    loss.backward();
    return undefined;
  },
  second: ({ leaves }, x) => {
    const g = grad(tame(x).square().sum(), leaves[0]!, { createGraph: true });
    g.square().sum().backward();
    return g.detach();
  },
  descend: ({ leaves }) =>
    noGrad(() => {
      for (const leaf of leaves) {
        if (leaf.grad === null) continue;
        leaf.sub_(tame(leaf.grad).mul(0.1));
        leaf.grad = null;
      }
      return undefined;
    }),
};

const actions: Record<string, Action> = {
  ...maps,
  ...reductions,
  ...products,
  ...views,
  ...writes,
  ...random,
  ...gradients,
};

/** Instructions of several kinds, of which each is as likely as the others. */
function instructionOf(kinds: readonly (readonly string[])[]): fc.Arbitrary<Instruction> {
  return fc.record({
    name: fc.oneof(...kinds.map((names) => fc.constantFrom(...names))),
    at: fc.tuple(fc.nat(11), fc.nat(11), fc.nat(11)),
  });
}

const kinds = [maps, reductions, products, views, writes, random, gradients].map(Object.keys);

export const instruction: fc.Arbitrary<Instruction> = instructionOf(kinds);

/** Those whose results and gradients change little where numbers change little: nothing is compared or counted. */
const isContinuous = (name: string) => !["choose", "ints", "wide", "max", "sort", "norm"].includes(name);

export const continuousInstruction: fc.Arbitrary<Instruction> = instructionOf(
  [maps, reductions, products, views, writes, random].map((kind) => Object.keys(kind).filter(isContinuous)),
);

/** Runs instructions. One that the library refuses is skipped: it has written nothing. */
export function execute(instructions: readonly Instruction[], pool: Pool): void {
  for (const { name, at } of instructions) {
    const [x, y] = [0, 1].map((i) => pool.tensors.at(-1 - (at[i]! % pool.tensors.length))!);
    try {
      const made = actions[name]!(pool, x!, y!, at[2]) ?? [];
      pool.tensors.push(...(Array.isArray(made) ? made : [made]));
    } catch (error) {
      if (!(error instanceof ThalwegError)) throw error;
    }
  }
}
