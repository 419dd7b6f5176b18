import {
  arange,
  bernoulli,
  cat,
  einsum,
  Generator,
  type NestedArray,
  pointwise,
  randn,
  randperm,
  tensor,
  where,
} from "../src/index";

/** Whether this process may generate code from strings. */
export function mayGenerateCode(): boolean {
  try {
    return new Function("return true")() as boolean;
  } catch {
    return false;
  }
}

/** Runs kernels of every kind, with results that JSON can represent. */
export function everything(): Record<string, NestedArray> {
  const generator = new Generator(5);
  const x = randn([6, 8], { generator });
  const y = randn([8, 5], { generator });
  const swish = pointwise("swish", (v) => v.mul(v.sigmoid()));
  const written = x.clone();
  written.select(0, 1).mul_(3).add_(x.select(0, 2).flip(0));
  return {
    map: x.exp().add(x.tanh()).mul(0.1).sub(x.gelu()).toArray(),
    broadcast: x.add(arange(8)).div(arange(1, 7).unsqueeze(1)).toArray(),
    strided: x.transpose(0, 1).flip(0).mul(2).add(y.select(1, 0).unsqueeze(1)).toArray(),
    chosen: where(x.gt(0), x, x.erf()).toArray(),
    pointwise: swish(x).toArray(),
    sums: x.sum(0).toArray(),
    rows: x.mean(1).toArray(),
    products: x.prod([0, 1]).toArray(),
    extremes: cat([x.amax(0), x.amin(0), x.argmax(0)], 0).toArray(),
    softmax: x.softmax(1).toArray(),
    logsumexp: x.logsumexp(0).toArray(),
    matmul: x.matmul(y).toArray(),
    large: randn([40, 300], { generator })
      .matmul(randn([300, 30], { generator }))
      .toArray(),
    einsum: einsum("ij,jk->k", x, y).toArray(),
    gather: x.gather(1, tensor([[0, 7, 3]]).expand([6, 3])).toArray(),
    sorted: x.sort(0).values.toArray(),
    scanned: x.cumsum(1).toArray(),
    random: bernoulli([9], 0.3, { generator }).toArray(),
    order: randperm(9, { generator }).toArray(),
    written: written.toArray(),
    wide: x.to("float64").sinh().sum(0).toArray(),
  };
}
