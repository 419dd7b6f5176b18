import * as library from "thalweg";

/** Valid and invalid values of all types, from a seed. */
export function randomValues(seed: number) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const generator = new library.Generator(3);

  const shapes = [[], [1], [3], [0], [2, 3], [3, 3], [1, 4], [2, 0], [2, 3, 4], [1, 2, 5, 5], [2, 1, 3, 3]];
  const tensor = (): library.Tensor => {
    const options = { generator, dtype: random() < 0.9 ? "float32" : "float64" } as const;
    const x =
      random() < 0.7 ? library.randn(pick(shapes), options) : library.randint(pick(shapes), 3, options);
    const y =
      random() < 0.2 ? x.expand([2, ...x.shape]) : random() < 0.2 && x.ndim > 1 ? x.transpose(0, 1) : x;
    if (random() < 0.3) y.requiresGrad = true;
    return y;
  };
  const oddNumbers = [
    -1,
    -2,
    0.5,
    2.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -(2 ** 33),
    2 ** 31,
    1e300,
    -0,
    2 ** 53,
  ];
  const number = () => (random() < 0.6 ? Math.floor(random() * 4) : pick(oddNumbers));
  const words = [
    "",
    "tanh",
    "sum",
    "mean",
    "same",
    "float32",
    "float64",
    "cpu",
    "webgpu",
    "ij,jk->ik",
    "none",
    "\n",
    "__proto__",
  ];
  const names = [
    ..."dim dims keepDim offset dim1 dim2 descending mode value step stride padding dilation groups bias eps".split(
      " ",
    ),
    ..."correction approximate reduction weight alpha beta threshold lr momentum p requiresGrad dtype device".split(
      " ",
    ),
    ..."generator shape createGraph retainGraph keepdim inplace size count shuffle batchSize __proto__".split(
      " ",
    ),
  ];
  const object = (depth: number): unknown =>
    Object.fromEntries(
      Array.from({ length: Math.floor(random() * 3) }, () => [pick(names), value(depth + 1)]),
    );
  const array = (depth: number): unknown[] =>
    Array.from({ length: Math.floor(random() * 4) }, () => (random() < 0.5 ? number() : value(depth + 1)));
  const others: readonly (() => unknown)[] = [
    () => undefined,
    () => null,
    () => random() < 0.5,
    () => pick(words),
    () => Symbol("s"),
    () => 3n,
    () => new Date(0),
    () => new Map([["a", 1]]),
    () => new Float32Array(3),
    () => new BigInt64Array(1),
    () => new ArrayBuffer(4),
    () => Object.create(null),
    () => () => 1,
    () => (x: unknown) => x,
    () => (x?: { sum?: () => unknown }) => x?.sum?.() ?? 1,
    () => new library.Linear(3, 2),
    () => generator,
    () => new library.Sequential(new library.Linear(3, 3)),
    () => [tensor(), tensor()],
    () => ({ toString: null, valueOf: null }),
  ];
  function value(depth: number): unknown {
    const r = random();
    if (r < 0.35) return tensor();
    if (r < 0.55) return number();
    if (r < 0.65 && depth < 2) return object(depth);
    if (r < 0.75 && depth < 2) return array(depth);
    return pick(others)();
  }

  const show = (x: unknown): string => {
    if (x instanceof library.Tensor) return `${x.dtype}[${x.shape.join(", ")}]${x.requiresGrad ? "*" : ""}`;
    if (Array.isArray(x)) return `[${x.map(show).join(", ")}]`;
    if (typeof x === "function") return String(x).slice(0, 30);
    if (typeof x !== "object" || x === null) return typeof x === "string" ? JSON.stringify(x) : String(x);
    const entries = Object.entries(x).slice(0, 5);
    return `${Object.prototype.toString.call(x)}{${entries.map(([key, item]) => `${key}: ${typeof item === "object" ? "..." : show(item)}`).join(", ")}}`;
  };

  return {
    tensor,
    show,
    /** About as many arguments as a function takes. */
    list: (arity: number): unknown[] =>
      Array.from({ length: Math.max(0, arity + Math.floor(random() * 3) - 1) }, () => value(0)),
  };
}
