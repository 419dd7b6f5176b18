import { isView } from "../backend/backend";
import { ExprPool } from "../scalar/expr";
import { transplant } from "../scalar/graph";
import { MapProgram } from "../scalar/programs/map-program";
import type { MatmulCall } from "./call";
import type { Chain } from "./chain";
import { compose, hasUniformStage, JoinedPrograms, settled } from "./compose";
import { isSame, shapedAs, type WaitingMaps } from "./fuse-maps";

const plain = /* @__PURE__ */ new MapProgram("matmul", 1, [/* @__PURE__ */ new ExprPool().input(0)]);

const known = /* @__PURE__ */ new JoinedPrograms<MapProgram, MapProgram>();

/**
 * The epilogue that computes `before` and then a chain of maps.
 *
 * @param product the input of the chain that is the product
 * @param kept the output of the chain that is wanted
 */
function epilogueOf(chain: Chain, before: MapProgram, product: number, kept: number): MapProgram {
  const pool = new ExprPool();
  const result = settled(transplant(before.outputs[0]!, pool, (input) => pool.input(input)));
  let inputs = before.inputs;
  const leaf = (input: number) => {
    if (input === product) return result;
    const moved = before.inputs + input - (input > product ? 1 : 0);
    inputs = Math.max(inputs, moved + 1);
    return pool.input(moved);
  };
  const outputs = compose(chain, pool, leaf);
  return new MapProgram(`${before.name}, ${chain.name}`, inputs, [outputs[kept]!]);
}

/**
 * A product and the maps that come after it as one call: null where there can be none, or where more than one of the
 * results is wanted.
 */
export function fuseEpilogue(product: MatmulCall, maps: WaitingMaps): MatmulCall | null {
  const { out, a, b, epilogue } = product;
  const wanted = maps.outputs.filter(({ storage }) => !storage.isAbandoned);
  const [kept] = wanted;
  if (kept === undefined || wanted.length > 1 || !out.storage.isAbandoned || !out.layout.isContiguous)
    return null;
  if (maps.size !== out.layout.size) return null;
  if (hasUniformStage(maps.chain, (input) => !isView(maps.inputs[input]!))) return null;
  const source = maps.inputs.findIndex((input) => isView(input) && isSame(input, out, maps.size));
  if (source < 0) return null;
  const added = maps.inputs
    .toSpliced(source, 1)
    .map((input) => (isView(input) ? shapedAs(out, input) : input));
  const operands = [...(epilogue?.operands ?? []), ...added];
  const reads = [a, b, ...operands].filter(isView);
  const { dtype } = out.storage;
  if (reads.some(({ storage }) => storage === kept.storage || storage === out.storage)) return null;
  if (dtype !== "float32" || [kept, ...reads].some(({ storage }) => storage.dtype !== dtype)) return null;
  const { chain, outputs } = maps;
  const [before, output] = [epilogue?.program ?? plain, outputs.indexOf(kept)];
  const program = known.get(chain, before, `${source} ${output}`, () =>
    epilogueOf(chain, before, source, output),
  );
  return { ...product, out: shapedAs(out, kept), epilogue: { program, operands } };
}
