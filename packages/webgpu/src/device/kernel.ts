import { definitions } from "../wgsl/functions";
import { threads as usual } from "../wgsl/workgroup";
import type { Memory } from "./block";

/** A storage buffer of a kernel: `b0`, `b1`, ... in its text. */
export interface Binding {
  /** Type of the elements. */
  readonly type: "f32" | "i32" | "u32" | "vec4<f32>" | "vec4<i32>" | "atomic<u32>";
  readonly written: boolean;
}

/**
 * The parts of a kernel's text. An element of a buffer is always written `b<k>[position]`, and stored by
 * `b<k>[position] = value;`, so that a kernel that does more can give buffers other names and types.
 */
export interface KernelText {
  readonly name: string;
  /** Threads of a workgroup; 64 unless given. */
  readonly threads?: number;
  readonly bindings: readonly Binding[];
  /** Arguments as `name: type`, each of four bytes. The text reads them as `args.name`. */
  readonly fields: readonly string[];
  /** Functions and workgroup memory of this kernel. */
  readonly globals?: string;
  /** Statements. They may use `group`, the index of the workgroup, `lane`, that of the thread in it, and `thread`, that among all. */
  readonly body: string;
}

/** A name that a user chose, made safe for a comment and for labels: it contains neither line ends nor lone surrogates. */
export function plainName(name: string): string {
  return name.replace(/[^\w '.,:()+*/-]/g, "_").slice(0, 200);
}

/**
 * A float32 whose bits a compiler cannot see through. It would contract a product and a sum into one operation, and the result
 * would depend on what was fused. The first argument of every kernel is a count below 2^31.
 */
function settled(field: string): string {
  const count = `u32(args.${field.split(":")[0]})`;
  return `fn settled_(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ (${count} >> 31u)); }`;
}

/** The text of a whole module, with the functions of the library that it calls. */
export function moduleText({
  name,
  threads = usual,
  bindings,
  fields,
  globals = "",
  body,
}: KernelText): string {
  const buffers = bindings.map(({ type, written }, k) => {
    const access = written ? "read_write" : "read";
    return `@group(0) @binding(${k + 1}) var<storage, ${access}> b${k}: array<${type}>;`;
  });
  const text = globals + body;
  return `// ${plainName(name)}
struct Arguments {
  ${fields.join(",\n  ")}
}
@group(0) @binding(0) var<uniform> args: Arguments;
${buffers.join("\n")}
${definitions(text)}
${text.includes("settled_(") ? settled(fields[0]!) : ""}
${globals}
@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let group = workgroup.y * workgroups.x + workgroup.x;
  let thread = group * ${threads}u + lane;
${body}
}
`;
}

/** A kernel, which is compiled when its pipeline is first needed. */
export class Kernel {
  /** The number by which caches know the kernel. */
  readonly id: number;
  readonly text: KernelText;
  readonly layout: GroupLayout;
  /** Threads of a workgroup. */
  readonly threads: number;
  /** Number of arguments. */
  readonly fields: number;
  private readonly compile: (kernel: Kernel) => GPUComputePipeline;
  private compiled: GPUComputePipeline | null = null;

  constructor(
    id: number,
    text: KernelText,
    layout: GroupLayout,
    compile: (kernel: Kernel) => GPUComputePipeline,
  ) {
    this.id = id;
    this.text = text;
    this.layout = layout;
    this.threads = text.threads ?? usual;
    this.fields = text.fields.length;
    this.compile = compile;
  }

  get pipeline(): GPUComputePipeline {
    this.compiled ??= this.compile(this);
    return this.compiled;
  }
}

/** The layout of kernels with buffers of the same kinds, and the bind groups that were made for it. */
export class GroupLayout {
  readonly pipelines: GPUPipelineLayout;
  /** Bytes between the arguments of one launch and the next. */
  readonly bytes: number;
  private readonly device: GPUDevice;
  private readonly uniforms: GPUBuffer;
  private readonly layout: GPUBindGroupLayout;
  private groups: Groups = new Map();
  private count = 0;

  constructor(device: GPUDevice, uniforms: GPUBuffer, written: readonly boolean[], bytes: number) {
    this.device = device;
    this.uniforms = uniforms;
    this.bytes = bytes;
    const visibility = 4; // GPUShaderStage.COMPUTE
    this.layout = device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility, buffer: { type: "uniform", hasDynamicOffset: true } },
        ...written.map((is, k) => ({
          binding: k + 1,
          visibility,
          buffer: { type: is ? ("storage" as const) : ("read-only-storage" as const) },
        })),
      ],
    });
    this.pipelines = device.createPipelineLayout({ bindGroupLayouts: [this.layout] });
  }

  /** Returns the bind group of these buffers, which is created once. */
  group(memories: readonly Memory[]): GPUBindGroup {
    let node = this.groups;
    const last = memories.length - 1;
    for (let k = 0; k < last; k++) {
      const { id } = memories[k]!;
      let next = node.get(id) as Groups | undefined;
      if (next === undefined) node.set(id, (next = new Map()));
      node = next;
    }
    const { id } = memories[last]!;
    let group = node.get(id) as GPUBindGroup | undefined;
    if (group === undefined) {
      if (this.count++ === mostGroups) this.forget();
      group = this.device.createBindGroup({
        layout: this.layout,
        entries: [
          { binding: 0, resource: { buffer: this.uniforms, size: this.bytes } },
          ...memories.map(({ buffer }, k) => ({ binding: k + 1, resource: { buffer } })),
        ],
      });
      node.set(id, group);
    }
    return group;
  }

  /** Drops all bind groups, because some of their buffers were destroyed. */
  forget(): void {
    this.groups = new Map();
    this.count = 0;
  }
}

/** A tree of maps, keyed by the number of each buffer in turn. Its leaves are bind groups. */
type Groups = Map<number, unknown>;

const mostGroups = 4096;
