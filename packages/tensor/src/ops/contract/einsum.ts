import { formatShape, named, ShapeError } from "@thalweg/kernels";
import { tensor } from "../../kinds";
import { checkArguments, list, string } from "../../signature";
import type { Tensor } from "../../tensor";
import { apply } from "../apply";
import { sum } from "../reduce/sums";
import { reshapeTo } from "../view/reshape";
import { diagonal } from "../view/slice";
import { expandOp, permuteOp } from "../view/view";
import { matmul } from "./matmul";

/** A tensor with named dimensions. */
interface Named {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

function refuse(equation: string, problem: string, remedy: string, tensors: readonly Tensor[]): ShapeError {
  return new ShapeError(
    "einsum",
    `${problem} in "${equation}"`,
    remedy,
    tensors.map((x) => x.shape),
  );
}

/** The labels of a term. An ellipsis becomes the labels `...0`, `...1`, counted from the right. */
function labelsOf(term: string, rank: number): string[] {
  return (term.match(/\.\.\.|[a-zA-Z]/g) ?? []).flatMap((label) =>
    label === "..." ? Array.from({ length: rank }, (_, i) => `...${rank - 1 - i}`) : [label],
  );
}

function parse(equation: string, tensors: readonly Tensor[]): { operands: Named[]; output: string[] } {
  const text = equation.replaceAll(" ", "");
  if (!/^((\.\.\.)?[a-zA-Z]*(\.\.\.)?[a-zA-Z]*,?)*(->[a-zA-Z]*(\.\.\.)?[a-zA-Z]*)?$/.test(text)) {
    throw refuse(equation, "unexpected characters", 'write terms of letters, as in "ij,jk->ik"', tensors);
  }
  const [left, right] = text.split("->") as [string, string | undefined];
  const terms = left.split(",");
  if (terms.length !== tensors.length) {
    const counts = `${terms.length} terms and ${tensors.length} tensors`;
    throw refuse(
      equation,
      `terms and tensors do not agree, ${counts}`,
      "give one tensor for each term",
      tensors,
    );
  }
  let widest = 0;
  const operands = terms.map((term, k) => {
    const x = tensors[k]!;
    const rank = x.ndim - term.replace("...", "").length;
    if (rank < 0 || (rank > 0 && !term.includes("..."))) {
      const sides = `term "${term}" does not name the dimensions of shape ${formatShape(x.shape)}`;
      throw refuse(equation, sides, "use one letter for each dimension", tensors);
    }
    widest = Math.max(widest, rank);
    return { x, labels: labelsOf(term, rank) };
  });
  const all = operands.flatMap(({ labels }) => labels);
  let output: string[];
  if (right !== undefined) output = labelsOf(right, widest);
  else {
    // Without "->": the ellipsis, then the letters that occur once, in alphabetical order.
    const once = all.filter((l) => !l.startsWith(".") && all.indexOf(l) === all.lastIndexOf(l));
    output = [...labelsOf("...", widest), ...once.sort()];
  }
  for (const label of output) {
    if (!all.includes(label) || output.indexOf(label) !== output.lastIndexOf(label)) {
      throw refuse(
        equation,
        `"${label}" of the result is not the name of one dimension`,
        "name each once, and one that exists",
        tensors,
      );
    }
  }
  return { operands, output };
}

/** Takes the diagonal where a term repeats a letter. */
function withoutRepeats({ x, labels }: Named): Named {
  for (let a = 0; a < labels.length; a++) {
    const b = labels.indexOf(labels[a]!, a + 1);
    if (b < 0) continue;
    const rest = labels.filter((_, d) => d !== a && d !== b);
    return withoutRepeats({ x: diagonal(x, { dim1: a, dim2: b }), labels: [...rest, labels[a]!] });
  }
  return { x, labels };
}

/** Sums over dimensions that neither the result nor another operand needs. */
function sumOthers({ x, labels }: Named, needed: ReadonlySet<string>): Named {
  const dims = labels.flatMap((label, d) => (needed.has(label) ? [] : [d]));
  if (dims.length === 0) return { x, labels };
  return { x: sum(x, dims), labels: labels.filter((label) => needed.has(label)) };
}

/** Reshapes to [batch, first, second], each group of labels as one dimension. */
function grouped(
  { x, labels }: Named,
  groups: readonly (readonly string[])[],
  extents: ReadonlyMap<string, number>,
): Tensor {
  const order = groups.flat();
  const moved = apply(
    permuteOp,
    [x],
    order.map((label) => labels.indexOf(label)),
  );
  const wide = apply(
    expandOp,
    [moved],
    order.map((label) => extents.get(label)!),
  );
  return reshapeTo(
    wide,
    groups.map((group) => group.reduce((size, label) => size * extents.get(label)!, 1)),
  );
}

/** Contracts two operands by a batched matrix product. */
function contract(
  a: Named,
  b: Named,
  needed: ReadonlySet<string>,
  extents: ReadonlyMap<string, number>,
): Named {
  const shared = new Set([...needed]);
  const left = sumOthers(a, new Set([...shared, ...b.labels]));
  const right = sumOthers(b, new Set([...shared, ...a.labels]));
  const common = left.labels.filter((label) => right.labels.includes(label));
  const batch = common.filter((label) => needed.has(label));
  const inner = common.filter((label) => !needed.has(label));
  const rows = left.labels.filter((label) => !common.includes(label));
  const columns = right.labels.filter((label) => !common.includes(label));
  const product = matmul(
    grouped(left, [batch, rows, inner], extents),
    grouped(right, [batch, inner, columns], extents),
  );
  const labels = [...batch, ...rows, ...columns];
  return {
    x: reshapeTo(
      product,
      labels.map((label) => extents.get(label)!),
    ),
    labels,
  };
}

function extentsOf(
  equation: string,
  operands: readonly Named[],
  tensors: readonly Tensor[],
): Map<string, number> {
  const extents = new Map<string, number>();
  for (const { x, labels } of operands) {
    labels.forEach((label, d) => {
      // Repeated letters within a term must have equal extents: nothing broadcasts.
      const own = labels.indexOf(label);
      const [have, extent] = [own < d ? x.shape[own]! : extents.get(label), x.shape[d]!];
      if (have === undefined || (have === 1 && own === d)) extents.set(label, extent);
      else if (extent !== have && (extent !== 1 || own < d)) {
        const sides = `"${label}" stands for two sizes, ${have} and ${extent}`;
        throw refuse(equation, sides, "dimensions of one name have one size", tensors);
      }
    });
  }
  return extents;
}

/**
 * Sums of products in Einstein's notation. Dimensions with the same letter share an index, and letters that the result
 * does not name are summed over. `...` denotes dimensions that broadcast.
 *
 * @example
 * const [a, b] = [tensor([[1, 2], [3, 4]]), tensor([[1, 0], [0, 2]])];
 * einsum("ij,jk->ik", a, b).toArray(); // → [[1,4],[3,8]]
 * einsum("ii->i", a).toArray(); // → [1,4]
 */
export function einsum(equation: string, ...tensors: readonly Tensor[]): Tensor {
  checkArguments("einsum", { equation: string, tensors: list(tensor) }, [equation, tensors]);
  return named("einsum", () => contracted(equation, tensors));
}

function contracted(equation: string, tensors: readonly Tensor[]): Tensor {
  const { operands: terms, output } = parse(equation, tensors);
  const extents = extentsOf(equation, terms, tensors);
  const operands = terms.map(withoutRepeats);
  let result = operands[0]!;
  for (let k = 1; k < operands.length; k++) {
    const later = operands.slice(k + 1).flatMap(({ labels }) => labels);
    result = contract(result, operands[k]!, new Set([...output, ...later]), extents);
  }
  result = sumOthers(result, new Set(output));
  const order = output.map((label) => result.labels.indexOf(label));
  return apply(permuteOp, [result.x], order);
}
