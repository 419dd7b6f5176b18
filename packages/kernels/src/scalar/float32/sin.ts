import type { Expr } from "../expr";
import { isOdd } from "./sign";
import { choose, polynomial, type Wide, widen } from "./wide";

/** The first bits of 2/π. The very first one has the weight ½. */
export const twoOverPi = 0xa2f9836e4e441529fc2757d1f534ddc0db6295993c439041fen;
/** The number of bits of {@link twoOverPi}. */
export const twoOverPiBits = 200;

/** The value of bits `from` to `to` of 2/π. */
function part(from: number, to: number): number {
  const shifted = twoOverPi >> BigInt(twoOverPiBits - to);
  return Number(BigInt.asUintN(to - from + 1, shifted)) * 2 ** -to;
}

/**
 * Three parts of 2/π for |x| < 2^(start + 21): two of 26 bits, whose products with a float32 are exact, and one of
 * the next 52 bits. If |x| >= 2^start, earlier bits would only add multiples of 4 to the product.
 */
function parts(start: number): readonly number[] {
  const first = start - 24;
  return [part(first, first + 25), part(first + 26, first + 51), part(first + 52, first + 103)];
}

const starts = [24, 45, 66, 87, 108];
const table = starts.map(parts);

/** t minus the nearest multiple of 4. */
function modulo4(t: Wide): Wide {
  return t.sub(t.mul(0.25).round().mul(4));
}

/** x = π/2 (k + t) up to whole turns, with an integer k and |t| hardly above ½ (Payne and Hanek, 1983). */
function reduce(x: Expr): { k: Expr; t: Wide } {
  const w = widen(x);
  const product = (place: number) => {
    let factor: Wide | number = table.at(-1)![place]!;
    for (let i = starts.length - 2; i >= 0; i--) {
      factor = choose(x.abs().lt(2 ** starts[i + 1]!), table[i]![place]!, factor);
    }
    return w.mul(factor);
  };
  const sum = modulo4(product(0)).add(modulo4(product(1)));
  const k = sum.round();
  return { k: k.narrow(), t: sum.sub(k).add(product(2)) };
}

/** sin(π/2 t) = t p(t²) */
export const sine = [1.57079632679, -0.645964095704, 0.0796925727222, -0.00468119532275, 0.000158051527499];

/** cos(π/2 t) = p(t²) */
export const cosine = [0.999999999923, -1.23370053649, 0.253669114454, -0.020859459266, 0.000902333234264];

function sineOf(t: Wide): Wide {
  return polynomial(t.mul(t), sine).mul(t);
}

function cosineOf(t: Wide): Wide {
  return polynomial(t.mul(t), cosine);
}

/** sin(π/2 (k + t)) */
function atQuarter(k: Expr, t: Wide): Expr {
  const size = choose(isOdd(k), cosineOf(t), sineOf(t)).narrow();
  return isOdd(k.mul(0.5).floor()).choose(size.neg(), size);
}

export function sin(x: Expr): Expr {
  const { k, t } = reduce(x);
  return atQuarter(k, t);
}

export function cos(x: Expr): Expr {
  const { k, t } = reduce(x);
  return atQuarter(k.add(1), t);
}

export function tan(x: Expr): Expr {
  const { k, t } = reduce(x);
  const odd = isOdd(k);
  const [s, c] = [sineOf(t), cosineOf(t)];
  return choose(odd, c.neg(), s)
    .div(choose(odd, s, c))
    .narrow();
}
