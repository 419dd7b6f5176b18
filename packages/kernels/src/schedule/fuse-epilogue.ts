import type { View } from "../backend/backend";
import { isView } from "../backend/backend";
import { Layout } from "../layout/layout";
import { type Expr, ExprPool } from "../scalar/expr";
import { transplant } from "../scalar/graph";
import { type Primitive, primitives } from "../scalar/primitive";
import { MapProgram } from "../scalar/programs/map-program";
import type { MatmulCall } from "./call";
import { type Chain, outputOf } from "./chain";
import { isSame, type WaitingMaps } from "./fuse-maps";

const { add, sub, maximum, minimum, choose } = primitives;

/**
 * What may be computed right before a map in one kernel: a compiler would contract a product and a sum after it, and
 * results would depend on what was fused.
 */
const settled: ReadonlySet<Primitive | null> = new Set([null, add, sub, maximum, minimum, choose]);

const plain = /* @__PURE__ */ new MapProgram("matmul", 1, [/* @__PURE__ */ new ExprPool().input(0)]);

/** The epilogues of chains, by what comes before them and which input is the product; null where there can be none. */
const known = /* @__PURE__ */ new WeakMap<Chain, Map<string, Map<MapProgram, MapProgram | null>>>();

/**
 * The epilogue that computes `before` and then a chain of maps.
 *
 * @param product the input of the chain that is the product
 * @param kept the output of the chain that is wanted
 */
function compose(chain: Chain, before: MapProgram, product: number, kept: number): MapProgram | null {
  const pool = new ExprPool();
  const computed: Expr[] = [];
  const result = transplant(before.outputs[0]!, pool, (input) => pool.input(input));
  let inputs = before.inputs;
  const operand = (input: number) => {
    const moved = before.inputs + input - (input > product ? 1 : 0);
    inputs = Math.max(inputs, moved + 1);
    return pool.input(moved);
  };
  for (const { program, sources, targets } of chain.stages) {
    const values = sources.map((source) => {
      if (outputOf(source) >= 0) return computed[outputOf(source)]!;
      return source === product ? result : operand(source);
    });
    if (!values.every(({ primitive }) => settled.has(primitive))) return null;
    const results = program.outputs.map((root) => transplant(root, pool, (input) => values[input]!));
    for (const [k, target] of targets.entries()) computed[target] = results[k]!;
  }
  const name = [before, ...chain.stages.map((stage) => stage.program)]
    .map((program) => program.name)
    .join(", ");
  return new MapProgram(name, inputs, [computed[kept]!]);
}

function composed(chain: Chain, before: MapProgram, product: number, kept: number): MapProgram | null {
  let places = known.get(chain);
  if (places === undefined) known.set(chain, (places = new Map()));
  const key = `${product} ${kept}`;
  let programs = places.get(key);
  if (programs === undefined) places.set(key, (programs = new Map()));
  let program = programs.get(before);
  if (program === undefined) programs.set(before, (program = compose(chain, before, product, kept)));
  return program;
}

/** A plain operand of maps in the shape of a product that has as many elements. */
function shapedAs({ layout: { shape } }: View, { storage, layout }: View): View {
  const { strides } = Layout.contiguous(shape);
  const ofOne = layout.isContiguous ? strides : strides.map(() => 0);
  return { storage, layout: new Layout(shape, ofOne, layout.offset) };
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
  const program = composed(maps.chain, epilogue?.program ?? plain, source, maps.outputs.indexOf(kept));
  return program && { ...product, out: shapedAs(out, kept), epilogue: { program, operands } };
}
