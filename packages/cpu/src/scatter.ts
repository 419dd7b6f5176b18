import { forEachOuter, type Scattering, type View } from "@thalweg/kernels";
import { combiners, intCombiners } from "./combiners";
import { checkIndices, loopsOver } from "./index-kernels";
import { arrayOf } from "./storage";

const replaced = (_: number, value: number): number => value;

/** The kernel `scatter` of a backend, on the CPU: of several elements at one index the last is set. */
export function scatter(op: string, how: Scattering, out: View, dim: number, index: View, src: View): void {
  checkIndices(op, index, out.layout.shape[dim] ?? 1);
  if (index.layout.size === 0) return;
  const isInt = out.storage.dtype === "int32" || out.storage.dtype === "bool";
  const combine = how === "set" ? replaced : (isInt ? intCombiners : combiners)[how];
  const [to, from, where] = [arrayOf(out), arrayOf(src), arrayOf(index)];
  const { loops, inner, moves, step } = loopsOver(index, out, dim, src);
  const [so, si, sx] = moves;
  forEachOuter(loops, 1, ([o, p, x]) => {
    for (let i = 0; i < inner; i++) {
      const at = o! + i * so + where[p! + i * si]! * step;
      to[at] = combine(to[at]!, from[x! + i * sx]!);
    }
  });
}
