import { GradientError, type Input, Layout, Tensor } from "@thalweg/tensor";
import { asStridedOp, asStridedScatterOp, type InPlaceCall } from "@thalweg/tensor/internal";
import { mode } from "./mode";
import { edgeOf, type Node } from "./node";
import { record } from "./tape";

/** Another object with the same elements and history, which later writes leave alone. */
function alias(x: Tensor): Tensor {
  const twin = x.detach();
  if (x.requiresGrad) {
    if (x.node !== null) twin.track(x.node);
    else twin.requiresGrad = true;
  }
  return twin;
}

function checkWritable(name: string, target: Tensor): void {
  const base = target.base ?? target;
  if (target.base !== null && target.generation < 0) {
    throw new GradientError(
      name,
      "the target is a view that was made inside of noGrad, its base would not notice the write",
      "make the view where operations are recorded, or write inside of noGrad, too",
      [target.shape],
    );
  }
  const leaf =
    target.requiresGrad && target.node === null
      ? target
      : base.requiresGrad && base.node === null
        ? base
        : null;
  if (leaf === null) return;
  const what =
    leaf === target
      ? "the target is a leaf that requires grad"
      : "the target is a view of a leaf that requires grad";
  throw new GradientError(
    name,
    `${what}, writing to it would lose its value before the gradient is known`,
    "wrap the write in noGrad(() => ...), or compute a new tensor",
    [target.shape],
  );
}

/** The layout of a view, counted from the first element of its base. */
function within(name: string, view: Tensor, base: Tensor): Layout {
  if (!base.layout.isContiguous) {
    throw new GradientError(
      name,
      "the target is a view of a tensor that is itself strided",
      "write to a contiguous tensor, or compute a new one",
      [view.shape, base.shape],
    );
  }
  const { shape, strides, offset } = view.layout;
  return new Layout(shape, strides, offset - base.layout.offset);
}

/** Runs a write and gives its target the history of the operation; writing to a view changes its base, too. */
export function inPlace(target: Tensor, { name, op, inputs, write }: InPlaceCall): void {
  if (!mode.recording) {
    write();
    return;
  }
  checkWritable(name, target);
  const base = target.base;
  const layout = base === null ? null : within(name, target, base);
  const needs = inputs.reduce<number>(
    (bits, x, i) => (x instanceof Tensor && x.requiresGrad ? bits | (1 << i) : bits),
    0,
  );
  const saved = op.saves(needs, inputs.length);
  // Values that the write overwrites and the rule reads are copied first, with their history.
  const before = inputs.map((x, i): Input => {
    if (!(x instanceof Tensor) || x.storage !== target.storage) return x;
    if (saved & (1 << i)) return x.clone();
    return x.node === null ? x : alias(x);
  });
  write();
  const node = record(op, before, undefined, target);
  if (base === null || layout === null) {
    adopt(target, node);
    target.generation++;
    return;
  }
  const part = target.detach();
  if (node !== null) part.track(node);
  adopt(base, record(asStridedScatterOp, [alias(base), part], layout, base));
  base.generation++;
  refresh(target);
}

/** Gives the target its new history: none when its new value depends on nothing that needs grad. */
function adopt(target: Tensor, node: Node | null): void {
  if (node !== null) target.track(node);
  else target.untrack();
}

/** Rebuilds the history of a view after its base was written to. */
export function refresh(view: Tensor): void {
  const base = view.base!;
  view.generation = base.generation;
  if (edgeOf(base) === null) {
    if (view.node !== null) view.untrack();
    return;
  }
  const node = record(asStridedOp, [base], within("view", view, base), view);
  if (node !== null) view.track(node);
}
