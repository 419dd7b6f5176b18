import { type DType, elementTypes } from "../scalar/dtype";
import { MapProgram } from "../scalar/programs/map-program";
import { trace } from "../scalar/trace";
import { typedMap } from "../scalar/typing";

const copy = /* @__PURE__ */ new MapProgram("copy", 1, [/* @__PURE__ */ trace(1, (x) => x)]);

/** The program that copies elements of type `from`, or a number, to elements of type `to`, the same type unless given. */
export function copyProgram(from: DType, to: DType = from): MapProgram {
  if (from === "float32" && to === from) return copy;
  return typedMap(copy, [elementTypes[from].kind], [elementTypes[to].kind]).program;
}
