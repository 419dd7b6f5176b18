import { arange, Generator, rand, randn, randperm, stack, type Tensor, tensor, where } from "thalweg";
import { type DataName, type Example, reach, type Settings } from "./settings";

/** Examples in an order of chance: those to learn from come first. */
export interface Examples {
  /** Their places: [examples, 2]. */
  readonly places: Tensor;
  /** Their classes, 0 and 1: [examples]. */
  readonly kinds: Tensor;
  /** How many are for training; the others are for the test. */
  readonly trained: number;
}

/** Places and classes without errors, of a number of examples. */
type Maker = (kinds: Tensor, draw: () => Tensor) => readonly [x: Tensor, y: Tensor, kinds: Tensor];

const onCircle = (radius: Tensor, angle: Tensor) =>
  [radius.mul(angle.cos()), radius.mul(angle.sin())] as const;
const turn = 2 * Math.PI;
/** Uniform between two distances. */
const between = (share: Tensor, low: number, high: number) => share.mul(high - low).add(low);

const makers: Readonly<Record<Exclude<DataName, "own">, Maker>> = {
  circles(kinds, draw) {
    const share = draw();
    const radius = where(kinds.eq(1), between(share, 0, 1.1), between(share, 1.7, 2.5));
    return [...onCircle(radius, draw().mul(turn)), kinds];
  },
  xor(_, draw) {
    const [x, y] = [between(draw(), -2.6, 2.6), between(draw(), -2.6, 2.6)];
    const apart = (side: Tensor) => side.add(side.sign().mul(0.15));
    return [apart(x), apart(y), x.mul(y).gt(0).to("float32")];
  },
  moons(kinds, draw) {
    const angle = draw().mul(Math.PI);
    const isUpper = kinds.eq(0);
    const x = where(isUpper, angle.cos().sub(0.5), angle.cos().neg().add(0.5));
    const y = where(isUpper, angle.sin().sub(0.25), angle.sin().neg().add(0.25));
    return [x.mul(1.6), y.mul(1.6), kinds];
  },
  spiral(kinds, draw) {
    const way = draw();
    return [...onCircle(between(way, 0.15, 2.6), between(way, 0, 1.6 * turn).add(kinds.mul(Math.PI))), kinds];
  },
  gaussian(kinds, draw) {
    const [side, angle] = [kinds.mul(2).sub(1), draw().mul(turn)];
    const [x, y] = onCircle(draw().log().mul(-2).sqrt().mul(0.5), angle);
    return [x.add(side.mul(1.2)), y.add(side.mul(1.2)), kinds];
  },
};

function drawn(name: Exclude<DataName, "own">, count: number, noise: number, generator: Generator) {
  // Of 1 - u: the logarithm of 0 is infinite.
  const draw = () => rand([count], { generator }).neg().add(1);
  const [x, y, kinds] = makers[name](arange(count).remainder(2).to("float32"), draw);
  return { places: stack([x, y], 1).add(randn([count, 2], { generator }).mul(noise)), kinds };
}

function own(examples: readonly Example[]) {
  return {
    places: tensor(examples.map(([x, y]) => [x, y])),
    kinds: tensor(examples.map(([, , kind]) => kind as number)),
  };
}

/** At least one example is learned from, and one left for the test, if there are two. */
const trainedOf = (count: number, share: number) =>
  Math.max(1, Math.min(count - 1, Math.round(count * share)));

/** The examples of some settings. */
export function examplesOf({ data, own: placed, count, noise, share, seed }: Settings): Examples {
  const generator = new Generator(seed);
  const made = data === "own" ? own(placed) : drawn(data, count, noise, generator);
  const size = made.kinds.size;
  const order = randperm(size, { generator });
  return {
    places: made.places.indexSelect(0, order),
    kinds: made.kinds.indexSelect(0, order),
    trained: trainedOf(size, share),
  };
}

/** The places of a grid over the plane, row by row from the top: [size², 2]. */
export function gridOf(size: number): Tensor {
  const middle = arange(size)
    .add(0.5)
    .mul((2 * reach) / size)
    .sub(reach);
  const x = middle.unsqueeze(0).expand([size, size]);
  const y = middle.flip(0).unsqueeze(1).expand([size, size]);
  return stack([x, y], 2).reshape([size * size, 2]);
}
