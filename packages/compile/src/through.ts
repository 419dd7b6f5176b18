import { isView, Layout, type MapCall, type Operand, type View } from "@thalweg/kernels";

/** How a dimension of a view moves the index of an element in another layout. */
type Move = readonly number[];

/** Distances of memory in terms of the strides of a dense layout, which may be permuted. Null for one that is none. */
function digits({ shape, strides }: Layout, distance: number): Move | null {
  const order = shape
    .flatMap((extent, d) => (extent > 1 ? [d] : []))
    .sort((a, b) => strides[b]! - strides[a]!);
  const move = shape.map(() => 0);
  let rest = Math.abs(distance);
  for (const d of order) {
    if (strides[d]! <= 0) return null;
    const steps = Math.floor(rest / strides[d]!);
    rest -= steps * strides[d]!;
    move[d] = distance < 0 ? -steps : steps;
  }
  return rest === 0 ? move : null;
}

/**
 * The index in `of` of each element of a view of the same memory, as a start and a move for each dimension of the view.
 * Null where it is not linear, as where a view joins dimensions, or where the view has elements that `of` has not.
 */
function indexOf(of: Layout, view: Layout): { readonly start: Move; readonly moves: readonly Move[] } | null {
  const start = digits(of, view.offset - of.offset);
  const moves: Move[] = [];
  for (const [d, stride] of view.strides.entries()) {
    const move = digits(of, view.shape[d] === 1 ? 0 : stride);
    if (move === null) return null;
    moves.push(move);
  }
  if (start === null) return null;
  const isWithin = of.shape.every((extent, k) => {
    let [low, high] = [start[k]!, start[k]!];
    for (const [d, move] of moves.entries()) {
      const reach = move[k]! * (view.shape[d]! - 1);
      if (reach < 0) low += reach;
      else high += reach;
    }
    return low >= 0 && high < extent;
  });
  return isWithin ? { start, moves } : null;
}

/** What a map reads for the elements of a view of an output of it; null where that is no view of its inputs. */
export function inputsThrough({ inputs }: MapCall, output: View, { layout: view }: View): Operand[] | null {
  if (view.size === 0) return null;
  const index = indexOf(output.layout, view);
  if (index === null) return null;
  return inputs.map((input) => {
    if (!isView(input)) return input;
    const { strides, offset } = input.layout;
    const along = (move: Move) => move.reduce((sum, steps, k) => sum + steps * strides[k]!, 0);
    const layout = new Layout(view.shape, index.moves.map(along), offset + along(index.start));
    return { storage: input.storage, layout };
  });
}
