import { isView, type View } from "../backend/backend";
import { ExprPool } from "../scalar/expr";
import { transplant } from "../scalar/graph";
import { hoist } from "../scalar/hoist";
import { MapProgram } from "../scalar/programs/map-program";
import { ReduceProgram } from "../scalar/programs/reduce-program";
import type { ReduceCall } from "./call";
import type { Chain } from "./chain";
import { compose, hasUniformStage, JoinedPrograms } from "./compose";
import { isSame, shapedAs, type WaitingMaps } from "./fuse-maps";

/** Inputs of a kernel, at most. */
const maxInputs = 12;

/** Null where the bits would be others. */
const known = /* @__PURE__ */ new JoinedPrograms<ReduceProgram, ReduceProgram | null>();

/** For each input of a reduction, the output of the maps that it is, or -1; null if a reduction cannot follow in one kernel. */
function linksOf(maps: WaitingMaps, { out, inputs }: ReduceCall): readonly number[] | null {
  const links: number[] = [];
  for (const input of inputs) {
    let link = -1;
    if (isView(input)) {
      if (input.layout.size !== maps.size) return null;
      link = maps.outputs.findIndex(({ storage }) => storage === input.storage);
      if (link >= 0 && !(input.layout.isContiguous && isSame(maps.outputs[link]!, input, maps.size)))
        return null;
    }
    links.push(link);
  }
  const touches = ({ storage }: View) => storage === out.storage;
  if (maps.outputs.some(touches) || maps.inputs.some((input) => isView(input) && touches(input))) return null;
  return links.some((link) => link >= 0) && maps.inputs.length + inputs.length <= maxInputs ? links : null;
}

/** Whether a reduction may wait for what becomes of the results of maps. */
export function mayFollow(maps: WaitingMaps, call: ReduceCall): boolean {
  return linksOf(maps, call) !== null;
}

function composed(
  chain: Chain,
  program: ReduceProgram,
  links: readonly number[],
  inputs: number,
  isNumber: (input: number) => boolean,
): ReduceProgram | null {
  const pool = new ExprPool();
  const outputs = compose(chain, pool, (input, isInt) => pool.input(input, isInt));
  let next = inputs;
  const leaves = links.map((link) => (link < 0 ? next++ : -1));
  const map = transplant(program.map, pool, (input, isInt) =>
    links[input]! < 0 ? pool.input(leaves[input]!, isInt) : outputs[links[input]!]!,
  );
  // Maps compute what depends on numbers alone in float64.
  if (hoist(new MapProgram(program.name, next, [map]), isNumber).uniform.length > 0) return null;
  return new ReduceProgram(`${chain.name}, ${program.name}`, program.combine, next, map, program.finish);
}

/** Maps and a reduction of their results as one call; null if there can be none, or if one of the results is wanted. */
export function fuseReduce(maps: WaitingMaps, call: ReduceCall): ReduceCall | null {
  if (maps.outputs.some(({ storage }) => !storage.isAbandoned)) return null;
  const links = linksOf(maps, call)!;
  const { chain } = maps;
  const numbers = [...maps.inputs, ...call.inputs.filter((_, k) => links[k]! < 0)].map(
    (input) => !isView(input),
  );
  if (hasUniformStage(chain, (input) => numbers[input]!)) return null;
  const program = known.get(chain, call.program, `${links} ${numbers.map(Number)}`, () =>
    composed(chain, call.program, links, maps.inputs.length, (input) => numbers[input]!),
  );
  if (program === null) return null;
  const whole = call.inputs[links.findIndex((link) => link >= 0)] as View;
  const inputs = maps.inputs.map((input) => (isView(input) ? shapedAs(whole, input) : input));
  return { ...call, program, inputs: [...inputs, ...call.inputs.filter((_, k) => links[k]! < 0)] };
}
