import { type Backend, type DType, type Layout, sameLayout } from "@thalweg/kernels";
import type { Tensor } from "@thalweg/tensor";
import type { Place } from "./executable";
import type { Recording } from "./recording";
import type { Found } from "./values";

/** What an argument must be like. */
export interface Argument {
  readonly path: string;
  readonly layout: Layout;
  readonly dtype: DType;
  readonly backend: Backend;
  readonly requiresGrad: boolean;
  /** The first argument that is the same tensor, and the first with the same storage. */
  readonly same: number;
  readonly sameAs: number;
  /** Where its storage is used; undefined where it is not. */
  readonly place: Place | undefined;
}

/** The arguments of a recording. `place` is where the storage of a tensor is used. */
export function argumentsOf(
  recording: Recording,
  found: readonly Found[],
  place: (tensor: Tensor) => Place | undefined,
): Argument[] {
  const given = found.map(({ tensor }) => tensor);
  return found.map(({ tensor, path }, i) => {
    const { layout, dtype, storage } = tensor;
    const sameAs = given.findIndex((other) => other.storage === storage);
    return {
      path,
      layout,
      dtype,
      backend: storage.backend,
      requiresGrad: recording.tensors.get(tensor)?.requiresGrad ?? tensor.requiresGrad,
      same: given.indexOf(tensor),
      sameAs,
      place: sameAs < i ? undefined : place(tensor),
    };
  });
}

/** Why tensors are not such arguments; null if they are. */
export function misfitOf(args: readonly Argument[], tensors: readonly Tensor[]): string | null {
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    const tensor = tensors[i]!;
    const { storage, layout } = tensor;
    if (storage.dtype !== argument.dtype) return `the type of ${argument.path}`;
    if (storage.backend !== argument.backend) return `the device of ${argument.path}`;
    if (!sameLayout(layout, argument.layout)) return `the shape or the strides of ${argument.path}`;
    if (tensor.requiresGrad !== argument.requiresGrad) return `requiresGrad of ${argument.path}`;
    if (storage.isDisposed) return `${argument.path}, which was disposed of`;
    let sameAs = 0;
    while (tensors[sameAs]!.storage !== storage) sameAs++;
    let same = sameAs;
    while (tensors[same] !== tensor) same++;
    if (sameAs !== argument.sameAs || same !== argument.same) return `memory that ${argument.path} shares`;
  }
  return null;
}
