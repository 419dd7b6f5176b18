import { inMemory } from "./errors";
import { checkShape } from "./layout/shape";

/** The numbers `of(0)`, `of(1)`, ... */
export function numbers(op: string, count: number, of: (i: number) => number): Float64Array {
  checkShape(op, [count]);
  const values = inMemory(op, count, () => new Float64Array(count));
  for (let i = 0; i < count; i++) values[i] = of(i);
  return values;
}
