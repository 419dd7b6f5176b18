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

/**
 * Copies four neighbours of each of `width` rows to a panel, in which the elements of all rows with one number are
 * neighbours. `load` puts the address of a row's first on the stack.
 */
export function packFours(
  code: Code,
  width: number,
  target: Local,
  vectors: readonly Local[],
  load: (row: number) => void,
): void {
  for (let i = 0; i < width; i += 4) {
    vectors.forEach((vector, r) => {
      load(i + r);
      code.at("v128Load").set(vector);
    });
    transpose4(code, vectors);
    vectors.forEach((vector, r) => {
      code
        .get(target)
        .get(vector)
        .at("v128Store", 4 * (r * width + i));
    });
  }
}
