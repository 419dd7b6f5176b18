import type { View } from "@thalweg/kernels";
import { collapse } from "@thalweg/kernels";
import type { Gpu } from "../device/gpu";
import { Slots } from "../device/slots";
import { walkOf } from "../wgsl/walk";

const twoPow32 = 2 ** 32;
const rotations = [13, 15, 26, 6, 17, 29, 16, 24];

/** Threefry-2x32 with 20 rounds, as in the CPU backend. */
const threefry = `fn threefry(k0: u32, k1: u32, c0: u32, c1: u32) -> vec2<u32> {
  let k2 = k0 ^ k1 ^ 0x1bd11bdau;
  var x = c0 + k0;
  var y = c1 + k1;
${Array.from({ length: 20 }, (_, round) => {
  const r = rotations[round % 8]!;
  const mix = `  x += y;\n  y = ((y << ${r}u) | (y >> ${32 - r}u)) ^ x;`;
  if (round % 4 !== 3) return mix;
  const inject = (round + 1) / 4;
  return `${mix}\n  x += k${inject % 3};\n  y += k${(inject + 1) % 3} + ${inject}u;`;
}).join("\n")}
  return vec2<u32>(x, y);
}`;

/** Draws uniform numbers in [0, 1), two from each block of the counter, with the CPU's bits. */
export function uniform(gpu: Gpu, out: View, seed: number, counter: number): void {
  const { shape, size } = out.layout;
  if (size === 0) return;
  const slots = new Slots();
  slots.add(out, true);
  const loops = collapse(shape, [out.layout]);
  const walk = walkOf("w", loops.extents.length, 1);
  const store = (component: string) =>
    `${walk.code("i")}\nb0[wp0] = f32(words.${component} >> 8u) * 0x1p-24f;`;
  const kernel = gpu.cached(`uniform ${walk.rank}`, slots, () => ({
    name: "uniform",
    bindings: slots.bindings(),
    fields: ["n: u32", "k0: u32", "k1: u32", "c0: u32", "c1: u32", ...walk.fields],
    globals: threefry,
    body: `let block = thread;
var i = 2u * block;
if (i >= args.n) { return; }
let low = args.c0 + block;
let words = threefry(args.k0, args.k1, low, args.c1 + select(0u, 1u, low < block));
{
${store("x")}
}
i++;
if (i >= args.n) { return; }
${store("y")}`,
  }));
  const { recorder } = gpu;
  recorder.u32(size);
  recorder.u32(seed % twoPow32);
  recorder.u32(Math.floor(seed / twoPow32));
  recorder.u32(counter % twoPow32);
  recorder.u32(Math.floor(counter / twoPow32));
  walk.write(recorder, loops, slots.starts);
  recorder.dispatch(kernel, slots.memories, size / 2);
}
