import type { Code, Local } from "./assembler";
import { type } from "./instructions";

/** Replaces four vectors, the rows of a 4 x 4 matrix, by its columns. */
export function transpose4(code: Code, rows: readonly Local[]): void {
  const [a, b, c, d] = rows as [Local, Local, Local, Local];
  const low = code.local(type.v128);
  const high = code.local(type.v128);
  code.get(a).get(b).shuffle(0, 4, 1, 5).set(low);
  code.get(a).get(b).shuffle(2, 6, 3, 7).set(high);
  code.get(c).get(d).shuffle(0, 4, 1, 5).set(a);
  code.get(c).get(d).shuffle(2, 6, 3, 7).set(d);
  code.get(low).get(a).shuffle(2, 3, 6, 7).set(b);
  code.get(low).get(a).shuffle(0, 1, 4, 5).set(a);
  code.get(high).get(d).shuffle(0, 1, 4, 5).set(c);
  code.get(high).get(d).shuffle(2, 3, 6, 7).set(d);
}
