import type { Backend, Epilogue, Grouping, Operand, View } from "../backend/backend";
import { copyProgram } from "../backend/copy-program";
import { temporarily } from "../backend/scope";
import { grouped } from "../layout/groups";
import { Layout } from "../layout/layout";

/** The view with its last `first + second` dimensions merged into two; a copy where its strides require one. */
function matrices(backend: Backend, view: View, first: number, second: number): View {
  const layout = grouped(view.layout, first, second);
  if (layout !== null) return { storage: view.storage, layout };
  // Elements that repeat along the batch are copied once.
  const { shape, strides } = view.layout;
  const from = shape.length - first - second;
  const once = shape.map((extent, d) => (d < from && strides[d] === 0 ? 1 : extent));
  const dense = Layout.contiguous(once);
  const storage = backend.allocate(view.storage.dtype, dense.size, once);
  const source = new Layout(once, strides, view.layout.offset);
  backend.map(
    copyProgram(view.storage.dtype),
    [{ storage, layout: dense }],
    [{ storage: view.storage, layout: source }],
  );
  const layouts = grouped(dense, first, second)!;
  return { storage, layout: layouts.expand([...shape.slice(0, from), ...layouts.shape.slice(from)]) };
}

/**
 * Multiplies matrices whose rows, columns and terms are several dimensions each, with any strides:
 * `[...batch, ...rows, ...terms] x [...batch, ...terms, ...columns] -> [...batch, ...rows, ...columns]`.
 * The sum runs over the terms in row-major order.
 */
export function contract(
  backend: Backend,
  out: View,
  a: View,
  b: View,
  grouping: Grouping,
  epilogue?: Epilogue,
): void {
  if (out.layout.size === 0) return;
  const { rows, columns } = grouping;
  const target = grouped(out.layout, rows, columns);
  temporarily(() => {
    if (target !== null) {
      const last = epilogue && {
        program: epilogue.program,
        operands: epilogue.operands.map((operand) => wide(backend, operand, rows, columns)),
      };
      multiply(backend, { storage: out.storage, layout: target }, a, b, grouping, last);
      return;
    }
    const dense = Layout.contiguous(out.layout.shape);
    const result = { storage: backend.allocate(out.storage.dtype, dense.size, dense.shape), layout: dense };
    const matrix = { storage: result.storage, layout: grouped(dense, rows, columns)! };
    multiply(backend, matrix, a, b, grouping);
    if (epilogue === undefined) backend.map(copyProgram(out.storage.dtype), [out], [result]);
    else backend.map(epilogue.program, [out], [result, ...epilogue.operands]);
  });
}

/** A product whose output has one dimension for rows and one for columns. */
function multiply(
  backend: Backend,
  out: View,
  a: View,
  b: View,
  grouping: Grouping,
  epilogue?: Epilogue,
): void {
  if (backend.contract?.(out, a, b, grouping, epilogue)) return;
  const { rows, columns, terms } = grouping;
  backend.matmul(out, matrices(backend, a, rows, terms), matrices(backend, b, terms, columns), epilogue);
}

function wide(backend: Backend, operand: Operand, rows: number, columns: number): Operand {
  return typeof operand === "number" ? operand : matrices(backend, operand, rows, columns);
}
