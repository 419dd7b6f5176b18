import { collapse, Layout } from "@thalweg/kernels";
import { Assembler, type Code, type Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";
import { increase, move, smaller, until } from "../assembler/loops";
import { Frame } from "../runtime/frame";
import { kernelOf } from "../runtime/kernel-cache";
import { maxCount } from "../runtime/limits";
import type { MemoryView, Runtime } from "../runtime/runtime";

/** The columns of an item that adds whole rows. All additions to a column are in one item, so they stay in order. */
const stripe = 32;

/** The unit that an index picks: a whole row, or a single element. */
type Unit = "rows" | "elements";

/**
 * All in bytes: `size` of a row, `stride` along the dimension, and `steps` of output, index and input along a row. The
 * operands have the same order.
 */
const gatherFrame = new Frame({
  size: "integer",
  stride: "integer",
  steps: "integers",
  items: { operands: "integers" },
});

/** Elements along the axis, of a stripe at most, and the bytes from one element along it to the next; operands are output, index and
 * source. */
const scatterFrame = new Frame({
  count: "integer",
  stripe: "integer",
  stride: "integer",
  stepIndex: "integer",
  stepSource: "integer",
  items: { rest: "integer", operands: "integers" },
});

const addressOf = ({ address, layout }: MemoryView): number => address + 4 * layout.offset;

/**
 * `out[..., i, ...] = input[..., index[..., i, ...], ...]` along `dim`. The indices must be valid.
 *
 * @returns whether there is a kernel for it; if not, nothing is done
 */
export function gather(
  runtime: Runtime,
  out: MemoryView,
  input: MemoryView,
  dim: number,
  index: MemoryView,
): boolean {
  const { shape, ndim, size } = index.layout;
  if (size === 0) return true;
  if (ndim === 0 || input.layout.shape[dim]! > maxCount) return false;
  const source = new Layout(shape, input.layout.strides.with(dim, 0), input.layout.offset);
  const { extents, strides } = collapse(shape, [out.layout, index.layout, source]);
  const inner = extents.at(-1) ?? 1;
  const steps = strides.map((of) => of.at(-1) ?? 0);
  const unit = inner >= 4 && steps[0] === 1 && steps[1] === 0 && steps[2] === 1 ? "rows" : "elements";
  const loops = extents.slice(0, -1);
  const items = gatherFrame.write(runtime, {
    size: 4 * inner,
    stride: 4 * input.layout.strides[dim]!,
    steps: steps.map((step) => 4 * step),
    items: {
      bases: { operands: [out, index, input].map(addressOf) },
      extents: loops,
      steps: loops.map((_, d) => ({ operands: strides.map((of) => 4 * of[d]!) })),
    },
  });
  if (items < 0) return false;
  const isInt = index.isInt === true;
  const kernel = kernelOf(runtime, `gather ${unit} ${isInt}`, () => gatherModule(unit, isInt));
  runtime.launch(kernel, items, 5 + inner * (unit === "rows" ? 0.15 : 1.5));
  return true;
}

/** Pushes the address of the row or element that an index picks. */
function pick(code: Code, isInt: boolean, base: Local, index: Local, stride: Local): Code {
  code.get(base).get(index);
  if (isInt) code.at("i32Load");
  else code.at("f32Load").op("i32TruncF32S");
  return code.get(stride).op("i32Mul", "i32Add");
}

function gatherModule(unit: Unit, isInt: boolean): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const { size, stride, steps, items } = gatherFrame.read(code, args, { steps: 3, operands: 3 });
    const [at, last, where] = [code.local(type.i32), code.local(type.i32), code.local(type.i32)];
    const pointers = steps.map(() => code.local(type.i32));
    code.get(size).i32(16).op("i32Sub").set(last);
    items.walk(from, to, ({ operands }) => {
      const [out, index, input] = operands as [Local, Local, Local];
      code.i32(0).set(at);
      const over = () => code.get(at).get(size).op("i32GeS");
      if (unit === "rows") {
        pick(code, isInt, input, index, stride).set(where);
        until(code, over, () => {
          // The last vector overlaps the one before it.
          smaller(code, at, last);
          code.set(at);
          code.get(out).get(at).op("i32Add");
          code.get(where).get(at).op("i32Add").at("v128Load").at("v128Store");
          increase(code, at, 16);
        });
        return;
      }
      const [o, p, x] = pointers as [Local, Local, Local];
      operands.forEach((start, k) => {
        code.get(start).set(pointers[k]!);
      });
      until(code, over, () => {
        code.get(o);
        pick(code, isInt, x, p, stride).at("i32Load").at("i32Store");
        pointers.forEach((pointer, k) => {
          move(code, pointer, steps[k]!);
        });
        increase(code, at, 4);
      });
    });
  });
  return assembler;
}

/**
 * `out[..., index[..., i, ...], ...] += src[..., i, ...]` along `dim`, in the order of i, of floats; the indices are
 * known to be valid.
 *
 * @returns whether there is a kernel for it; if not, nothing is done
 */
export function scatterAdd(
  runtime: Runtime,
  out: MemoryView,
  dim: number,
  index: MemoryView,
  src: MemoryView,
): boolean {
  const { shape, ndim, size } = index.layout;
  if (size === 0) return true;
  if (ndim === 0 || out.isInt || shape[dim]! > maxCount) return false;
  const kept = shape.toSpliced(dim, 1);
  const places = [out, index, src];
  const layouts = places.map(
    ({ layout }) => new Layout(kept, layout.strides.toSpliced(dim, 1), layout.offset),
  );
  const { extents, strides } = collapse(kept, layouts);
  const inner = extents.at(-1) ?? 1;
  const [so, si, sx] = strides.map((of) => of.at(-1) ?? 0);
  const unit = inner >= 4 && so === 1 && si === 0 && sx === 1 ? "rows" : "elements";
  // Single elements across the rows would read a cache line for each.
  if (unit === "elements" && dim !== ndim - 1) return false;
  const count = shape[dim]!;
  const loops = [...extents];
  const steps = extents.map((_, d) => ({ rest: 0, operands: strides.map((of) => 4 * of[d]!) }));
  if (unit === "rows") {
    loops[loops.length - 1] = Math.ceil(inner / stripe);
    steps[steps.length - 1] = { rest: -stripe, operands: [4 * stripe, 0, 4 * stripe] };
  }
  const items = scatterFrame.write(runtime, {
    count,
    stripe,
    stride: 4 * out.layout.strides[dim]!,
    stepIndex: 4 * index.layout.strides[dim]!,
    stepSource: 4 * src.layout.strides[dim]!,
    items: {
      bases: { rest: inner, operands: places.map(addressOf) },
      extents: loops,
      steps,
    },
  });
  if (items < 0) return false;
  const isInt = index.isInt === true;
  const kernel = kernelOf(runtime, `scatter ${unit} ${isInt}`, () => scatterModule(unit, isInt));
  runtime.launch(kernel, items, count * (unit === "rows" ? 10 : 2));
  return true;
}

function scatterModule(unit: Unit, isInt: boolean): Assembler {
  const assembler = new Assembler();
  assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
    const {
      count,
      stripe: most,
      stride,
      stepIndex,
      stepSource,
      items,
    } = scatterFrame.read(code, args, { operands: 3 });
    const local = () => code.local(type.i32);
    const [left, columns, wide, p, x, o, y] = [local(), local(), local(), local(), local(), local(), local()];
    const add = (
      load: "v128Load" | "f32Load",
      sum: "f32x4Add" | "f32Add",
      store: "v128Store" | "f32Store",
    ) => {
      code.get(o).get(o).at(load).get(y).at(load).op(sum).at(store);
    };
    items.walk(from, to, ({ rest, operands }) => {
      const [out, index, src] = operands as [Local, Local, Local];
      code.get(index).set(p);
      code.get(src).set(x);
      code.get(count).set(left);
      smaller(code, rest, most);
      code.set(wide);
      until(
        code,
        () => code.get(left).op("i32Eqz"),
        () => {
          pick(code, isInt, out, p, stride).set(o);
          code.get(x).set(y);
          if (unit === "elements") add("f32Load", "f32Add", "f32Store");
          else {
            code.get(wide).set(columns);
            for (const size of [4, 1]) {
              until(
                code,
                () => code.get(columns).i32(size).op("i32LtS"),
                () => {
                  if (size === 4) add("v128Load", "f32x4Add", "v128Store");
                  else add("f32Load", "f32Add", "f32Store");
                  increase(code, o, 4 * size);
                  increase(code, y, 4 * size);
                  increase(code, columns, -size);
                },
              );
            }
          }
          move(code, p, stepIndex);
          move(code, x, stepSource);
          increase(code, left, -1);
        },
      );
    });
  });
  return assembler;
}
