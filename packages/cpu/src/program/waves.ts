import { type KernelCall, readBy, type View, writtenBy } from "@thalweg/kernels";

/** The first and the last element of a storage that a view has; of an empty view, the last is before the first. */
function rangeOf({ layout: { shape, strides, offset } }: View): readonly [number, number] {
  if (shape.includes(0)) return [0, -1];
  let [first, last] = [offset, offset];
  for (const [d, stride] of strides.entries()) {
    const reach = stride * (shape[d]! - 1);
    if (reach < 0) first += reach;
    else last += reach;
  }
  return [first, last];
}

function overlap(a: View, b: View): boolean {
  if (a.storage !== b.storage) return false;
  const [[first, last], [from, to]] = [rangeOf(a), rangeOf(b)];
  return first <= to && from <= last;
}

/** Whether neither of two calls writes what the other one reads or writes. */
export function areIndependent(a: KernelCall, b: KernelCall): boolean {
  const clash = (writer: KernelCall, other: KernelCall) =>
    writtenBy(writer).some((view) => [...writtenBy(other), ...readBy(other)].some((of) => overlap(view, of)));
  return !clash(a, b) && !clash(b, a);
}
