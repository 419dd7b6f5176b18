import { definitions } from "../wgsl/functions";
import { threads as usual } from "../wgsl/workgroup";
import type { Memory } from "./block";

/** A storage buffer of a kernel: `b0`, `b1`, ... in its text. */
export interface Binding {
  /** Of its elements. */
  readonly type: "f32" | "i32" | "u32" | "vec4<f32>" | "vec4<i32>" | "atomic<u32>";
  readonly written: boolean;
}

/** What a kernel consists of. */
export interface KernelText {
  readonly name: string;
  /** Threads of a workgroup; as many as usual unless given. */
  readonly threads?: number;
  readonly bindings: readonly Binding[];
  /** Arguments, `name: type`, each of four bytes: `args.name` in the text. */
  readonly fields: readonly string[];
  /** Functions and shared memory of its own. */
  readonly globals?: string;
  /** Knows `group`, the number of its workgroup, `lane`, that of the thread in it, and `thread`, that among all. */
  readonly body: string;
}

/** A name that a user chose, for a comment and for labels: nothing in it ends a line, or is no character. */
export function plainName(name: string): string {
  return name.replace(/[^\w '.,:()+*/-]/g, "_").slice(0, 200);
}

/** The text of a whole module; functions of the library are added as they are called. */
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
  return `// ${plainName(name)}
struct Arguments {
  ${fields.join(",\n  ")}
}
@group(0) @binding(0) var<uniform> args: Arguments;
${buffers.join("\n")}
${definitions(globals + body)}
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

/** A kernel that can be launched. */
export interface Kernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GroupLayout;
  /** Of a workgroup. */
  readonly threads: number;
  /** Number of arguments. */
  readonly fields: number;
}

/** What kernels with buffers of the same kinds have in common, and the bind groups that were made for them. */
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
    const visibility = 4; // compute
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

  /** The bind group of these buffers. */
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

  /** Drops the bind groups, since buffers of some are gone. */
  forget(): void {
    this.groups = new Map();
    this.count = 0;
  }
}

/** By the numbers of the buffers, one after another. */
type Groups = Map<number, unknown>;

const mostGroups = 4096;
