import { formatShape, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../create";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { div } from "../map/arithmetic";
import { embed, unfoldOp } from "../view/view";
import { each, type Sizes } from "./sizes";

/** Options of pooling. A single number applies to all spatial dimensions. */
export interface PoolOptions {
  /** Distance between windows; the size of the kernel unless given. */
  readonly stride?: Sizes;
  /** Padding on both sides, at most half of the kernel; 0 unless given. */
  readonly padding?: Sizes;
  /** Whether windows that start inside but end outside are kept; false unless given, which drops them. */
  readonly ceilMode?: boolean;
}

/** Options of {@link maxPool1d} and {@link maxPool2d}. */
export interface MaxPoolOptions extends PoolOptions {
  /** Distance between elements of a window; 1 unless given. */
  readonly dilation?: Sizes;
}

/** The windows along one dimension. */
export interface Windows {
  readonly dim: number;
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  readonly count: number;
}

/** Checks the arguments of `op`, and returns the windows along each of the last `count` dimensions. */
export function plan(
  op: string,
  x: Tensor,
  kernelSize: Sizes,
  { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false }: MaxPoolOptions,
  count: number,
): Windows[] {
  checkRank(op, x, count);
  const kernel = each(op, "kernelSize", kernelSize, count, 1);
  const apart = each(op, "stride", stride, count, 1);
  const margins = each(op, "padding", padding, count, 0);
  const spacing = each(op, "dilation", dilation, count, 1);
  if (margins.some((margin, d) => 2 * margin > kernel[d]!)) {
    throw new ShapeError(
      op,
      `the padding is more than half of the kernel, ${formatShape(margins)} and ${formatShape(kernel)}`,
      "pad the input with pad, or use a larger kernel",
    );
  }
  return kernel.map((size, d) => {
    const dim = x.ndim - count + d;
    const extent = x.shape[dim]!;
    const rest = extent + 2 * margins[d]! - (size - 1) * spacing[d]! - 1;
    if (rest < 0 || extent === 0) {
      throw new ShapeError(
        op,
        `the kernel is larger than the padded input, ${(size - 1) * spacing[d]! + 1} and ${extent + 2 * margins[d]!} in dim ${dim} of shape ${formatShape(x.shape)}`,
        "use a smaller kernel, or pad",
        [x.shape],
      );
    }
    let places = (ceilMode ? Math.ceil : Math.floor)(rest / apart[d]!) + 1;
    // The last window must start inside the input or inside the padding before it.
    if (ceilMode && (places - 1) * apart[d]! >= extent + margins[d]!) places--;
    return { dim, size, stride: apart[d]!, padding: margins[d]!, dilation: spacing[d]!, count: places };
  });
}

/** Throws unless there are `count` spatial dimensions, and one or two before them. */
export function checkRank(op: string, x: Tensor, count: number): void {
  if (x.ndim === count + 1 || x.ndim === count + 2) return;
  throw new ShapeError(
    op,
    `the input has shape ${formatShape(x.shape)}`,
    `it must be [batch, channels, ${count === 1 ? "length" : "height, width"}], or that without the batch`,
    [x.shape],
  );
}

/** Pads the tensor with `fill` as far as windows reach. */
export function padded(
  x: Tensor,
  { dim, size, stride, padding, dilation, count }: Windows,
  fill: number,
): Tensor {
  const extent = x.shape[dim]!;
  const reach = (count - 1) * stride + (size - 1) * dilation + 1;
  const total = Math.max(padding + extent, reach);
  const slice = { dim, start: padding, length: extent, step: 1 };
  return total === extent ? x : embed(x, x.shape.with(dim, total), slice, fill);
}

/** Windows as a new last dimension. Elements outside the tensor are `fill`. */
export function unfolded(x: Tensor, windows: Windows, fill: number): Tensor {
  const { dim, size, stride, dilation, count } = windows;
  const seen = apply(unfoldOp, [padded(x, windows, fill)], { dim, size, step: stride, spacing: dilation });
  // A tail that no window of the plan covers can add one more window.
  return seen.shape[dim] === count ? seen : seen.narrow(dim, 0, count);
}

/** Divides the elements at each position along `dim` by the number for that position. */
export function divided(x: Tensor, dim: number, numbers: readonly number[]): Tensor {
  const [first] = numbers;
  if (first === undefined) return x;
  if (numbers.every((n) => n === first)) return first === 1 ? x : div(x, first);
  const shape = x.shape.map((_, d) => (d === dim ? numbers.length : 1));
  return div(x, tensor(numbers, { shape, dtype: x.dtype, device: x.device }));
}
