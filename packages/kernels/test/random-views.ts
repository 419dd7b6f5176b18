import { fc } from "@fast-check/vitest";
import { Layout } from "../src/layout/layout";
import { sizeOf } from "../src/layout/shape";

/** The expected content of a layout: the storage position of every element, in row-major order. */
export interface Model {
  readonly shape: readonly number[];
  readonly positions: readonly number[];
}

/** The layout at the end of a chain of views, with its model. */
export interface Viewed {
  readonly layout: Layout;
  readonly model: Model;
  /** Number of elements of the storage that the chain started from. */
  readonly storage: number;
  readonly steps: readonly string[];
}

/** All indices of a shape in row-major order. */
export function indicesOf(shape: readonly number[]): number[][] {
  let indices: number[][] = [[]];
  for (const extent of shape) {
    indices = indices.flatMap((index) => Array.from({ length: extent }, (_, i) => [...index, i]));
  }
  return indices;
}

function positionAt({ shape, positions }: Model, index: readonly number[]): number {
  return positions[index.reduce((flat, i, d) => flat * shape[d]! + i, 0)]!;
}

/** A model of another shape; `source` maps each of its indices to an index of `model`. */
function remap(model: Model, shape: readonly number[], source: (index: number[]) => number[]): Model {
  return { shape, positions: indicesOf(shape).map((index) => positionAt(model, source(index))) };
}

interface Step {
  readonly kind: (typeof kinds)[number];
  readonly numbers: readonly [number, number, number, number];
}

const kinds = ["permute", "slice", "select", "expand", "reshape", "diagonal", "unfold"] as const;

const largest = 200;

type Next = { readonly layout: Layout | null; readonly model: Model; readonly text: string } | null;

/** A shape of `size` elements, with factors and ones that depend on `salt`. */
function factorise(size: number, salt: number): number[] {
  if (size === 0) return salt % 2 === 0 ? [0] : [2, 0, 3];
  const shape: number[] = [];
  let rest = size;
  for (let factor = 2; factor <= rest; factor++) {
    while (rest % factor === 0) {
      rest /= factor;
      if (shape.length > 0 && (salt >> shape.length) % 2 === 1) shape[shape.length - 1]! *= factor;
      else shape.push(factor);
    }
  }
  if (salt % 3 === 0) shape.splice(salt % (shape.length + 1), 0, 1);
  return salt % 4 < 2 ? shape.reverse() : shape;
}

function apply(layout: Layout, model: Model, { kind, numbers: [a, b, c, d] }: Step): Next {
  const { shape } = model;
  const ndim = shape.length;
  const dim = ndim === 0 ? 0 : a % ndim;
  const extent = shape[dim] ?? 1;
  switch (kind) {
    case "permute": {
      const left = shape.map((_, k) => k);
      const order = shape.map((_, k) => left.splice((a + b * k) % left.length, 1)[0]!);
      const moved = remap(
        model,
        order.map((k) => shape[k]!),
        (index) => shape.map((_, k) => index[order.indexOf(k)]!),
      );
      return { layout: layout.permute(order), model: moved, text: `permute ${order}` };
    }
    case "slice": {
      if (ndim === 0) return null;
      const step = [-2, -1, 1, 2][b % 4]!;
      const start = extent === 0 ? 0 : c % extent;
      const most =
        extent === 0 ? 0 : Math.floor((step > 0 ? extent - 1 - start : start) / Math.abs(step)) + 1;
      const length = d % (most + 1);
      const cut = remap(model, shape.with(dim, length), (index) =>
        index.with(dim, start + index[dim]! * step),
      );
      return {
        layout: layout.slice(dim, start, length, step),
        model: cut,
        text: `slice ${dim}: ${length} from ${start} by ${step}`,
      };
    }
    case "select": {
      if (ndim === 0 || extent === 0) return null;
      const at = b % extent;
      const line = remap(model, shape.toSpliced(dim, 1), (index) => index.toSpliced(dim, 0, at));
      return { layout: layout.select(dim, at), model: line, text: `select ${dim}: ${at}` };
    }
    case "expand": {
      const lead = b % 2 === 0 ? [] : [c % 3];
      const wide = [...lead, ...shape.map((n, k) => (n === 1 && (d >> k) % 2 === 0 ? (c + k) % 4 : n))];
      if (sizeOf(wide) > largest) return null;
      const repeated = remap(model, wide, (index) =>
        index.slice(lead.length).map((i, k) => (shape[k] === 1 ? 0 : i)),
      );
      return { layout: layout.expand(wide), model: repeated, text: `expand ${wide}` };
    }
    case "reshape": {
      const other = factorise(model.positions.length, b);
      const same: Model = { shape: other, positions: model.positions };
      return { layout: layout.reshape(other), model: same, text: `reshape ${other}` };
    }
    case "diagonal": {
      if (ndim < 2) return null;
      const other = (dim + 1 + (b % (ndim - 1))) % ndim;
      const shift = (c % 5) - 2;
      const [down, right] = [Math.max(-shift, 0), Math.max(shift, 0)];
      const length = Math.max(0, Math.min(shape[dim]! - down, shape[other]! - right));
      const kept = shape.map((_, k) => k).filter((k) => k !== dim && k !== other);
      const across = remap(model, [...kept.map((k) => shape[k]!), length], (index) =>
        shape.map((_, k) => {
          if (k === dim) return index.at(-1)! + down;
          return k === other ? index.at(-1)! + right : index[kept.indexOf(k)]!;
        }),
      );
      return {
        layout: layout.diagonal(shift, dim, other),
        model: across,
        text: `diagonal ${shift} of ${dim}, ${other}`,
      };
    }
    case "unfold": {
      if (ndim === 0 || extent === 0) return null;
      const size = 1 + (b % extent);
      const step = 1 + (c % 3);
      const count = Math.floor((extent - size) / step) + 1;
      if ((model.positions.length / extent) * count * size > largest) return null;
      const windows = remap(model, [...shape.with(dim, count), size], (index) =>
        index.slice(0, -1).with(dim, index[dim]! * step + index.at(-1)!),
      );
      return {
        layout: layout.unfold(dim, size, step),
        model: windows,
        text: `unfold ${dim}: ${size} by ${step}`,
      };
    }
  }
}

/**
 * Chains of views over row-major memory, with their models. Steps that do not apply are left out, and so are
 * reshapes that no strides can express.
 */
export function viewChains(without: readonly (typeof kinds)[number][] = []): fc.Arbitrary<Viewed> {
  const number = fc.nat({ max: 30 });
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom(...kinds.filter((kind) => !without.includes(kind))),
    numbers: fc.tuple(number, number, number, number),
  });
  const start = fc.array(fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.constant(0)), {
    maxLength: 4,
  });
  return fc.tuple(start, fc.array(step, { maxLength: 7 })).map(([shape, chain]) => {
    let layout = Layout.contiguous(shape);
    const storage = layout.size;
    let model: Model = { shape, positions: Array.from({ length: storage }, (_, i) => i) };
    const steps = [`contiguous ${shape}`];
    for (const one of chain) {
      const next = apply(layout, model, one);
      if (next === null || next.layout === null) continue;
      ({ layout, model } = { layout: next.layout, model: next.model });
      steps.push(next.text);
    }
    return { layout, model, storage, steps };
  });
}
