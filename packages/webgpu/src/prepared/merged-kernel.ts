import type { Binding, KernelText } from "../device/kernel";
import type { Launch } from "../device/recorder";
import { threads } from "../wgsl/workgroup";
import { vectorFunctions, withBuffers } from "./accesses";

/** A kernel that does what several launches do. */
export interface Merged {
  readonly text: KernelText;
  /** Where each of its buffers is bound by a launch. */
  readonly sources: readonly { readonly launch: number; readonly slot: number }[];
}

/** A declaration outside of functions, up to its name. */
const declaration = /^(?:fn|struct|const|var(?:<[^>]*>)?) +(\w+)/gm;

/** A declaration of memory of a workgroup. */
const sharedMemory = /^var<workgroup> +\w+: array<(\w+(?:<\w+>)?), (\d+)>;/gm;

/** Bytes of the memory of a workgroup, for each of its declarations in a kernel. */
export function sharedBytes({ globals = "" }: KernelText): Map<string, number> {
  return new Map(
    [...globals.matchAll(sharedMemory)].map(([text, type, extent]) => [
      text,
      (type!.startsWith("vec4") ? 16 : 4) * Number(extent),
    ]),
  );
}

/**
 * The kernel of launches: the workgroups of a strand of one launch do what its own would, and one workgroup does the launches of
 * a longer strand in order. Its arguments are, for each launch, the number of its workgroups and its own arguments.
 *
 * @param strands the launches of each strand, by their numbers
 */
export function mergedKernel(launches: readonly Launch[], strands: readonly (readonly number[])[]): Merged {
  const order = strands.flat();
  const { sources, slots, bindings, retyped } = bindingsOf(launches, order);
  const parts = order.map((number, k) => {
    const { text } = launches[number]!.kernel;
    const target = (slot: number) => {
      const at = slots[k]![slot]!;
      return { slot: at, type: text.bindings[slot]!.type, declared: bindings[at]!.type };
    };
    return renamed(k, text, (code) => withBuffers(code, target));
  });
  const globals = new Set(parts.flatMap(({ shared }) => shared));
  let k = 0;
  const body = strands.map((strand) => {
    const first = k;
    k += strand.length;
    if (strand.length === 1) {
      return `if (rest < args.l${first}_groups) {
${call(first, "rest")}
return;
}
rest -= args.l${first}_groups;`;
    }
    const calls = strand.map(
      (_, j) => `for (var g = 0u; g < args.l${first + j}_groups; g++) { ${call(first + j, "g")} }`,
    );
    return `if (rest == 0u) {
${calls.join("\nstorageBarrier();\nworkgroupBarrier();\n")}
return;
}
rest -= 1u;`;
  });
  return {
    sources,
    text: {
      name: [...new Set(order.map((number) => launches[number]!.kernel.text.name))].join("; "),
      bindings,
      fields: parts.flatMap(({ fields }) => fields),
      globals: [...retyped, ...globals, ...parts.map(({ globals }) => globals)].join("\n"),
      body: `var rest = group;\n${body.join("\n")}`,
    },
  };
}

const call = (k: number, group: string) => `l${k}_main(${group}, lane, ${group} * ${threads}u + lane);`;

/** The buffers that launches bind, each once, and those of each launch among them. */
function bindingsOf(launches: readonly Launch[], order: readonly number[]) {
  const memories = order.map((number) => launches[number]!.memories);
  const all = [...new Set(memories.flat())];
  const sources = all.map((memory) => {
    const launch = order.find((number) => launches[number]!.memories.includes(memory))!;
    return { launch, slot: launches[launch]!.memories.indexOf(memory) };
  });
  const uses = all.map((memory) =>
    order.flatMap((number) => {
      const { kernel, memories } = launches[number]!;
      const slot = memories.indexOf(memory);
      return slot < 0 ? [] : [kernel.text.bindings[slot]!];
    }),
  );
  const bindings = uses.map((own): Binding => {
    const types = new Set(own.map(({ type }) => type));
    const common = types.has("atomic<u32>") ? "atomic<u32>" : "u32";
    const type = types.size === 1 ? own[0]!.type : common;
    return { type, written: own.some(({ written }) => written) };
  });
  const retyped = uses.flatMap((own, slot) => {
    const { type, written } = bindings[slot]!;
    const hasVectors = own.some((use) => use.type !== type && use.type.startsWith("vec4"));
    return hasVectors ? [vectorFunctions(slot, type, written)] : [];
  });
  const slots = memories.map((own) => own.map((memory) => all.indexOf(memory)));
  return { sources, slots, bindings, retyped };
}

/** A kernel as the function `l<k>_main`, with names and arguments of its own. */
function renamed(k: number, { globals = "", body, fields }: KernelText, moved: (text: string) => string) {
  const shared = [...sharedBytes({ globals } as KernelText).keys()];
  const own = shared.reduce((text, each) => text.replace(each, ""), globals);
  const names = new Map([...own.matchAll(declaration)].map(([, name]) => [name!, `l${k}_${name}`]));
  for (const text of shared) {
    const [, name, type, extent] = /^var<workgroup> +(\w+): array<(.*), (\d+)>/.exec(text)!;
    names.set(name!, `${name}_${type!.replace(/\W/g, "")}_${extent}`);
  }
  const pattern = new RegExp(`(?<![.\\w])(?:${[...names.keys(), "args\\.\\w+"].join("|")})\\b`, "g");
  const rename = (text: string) =>
    moved(text).replace(pattern, (name) => names.get(name) ?? name.replace("args.", `args.l${k}_`));
  return {
    shared: shared.map(rename),
    fields: [`l${k}_groups: u32`, ...fields.map((field) => `l${k}_${field}`)],
    globals: `${rename(own)}
fn l${k}_main(group: u32, lane: u32, thread: u32) {
${rename(body)}
}`,
  };
}
