import { compile } from "@thalweg/compile";
import { crossEntropy, mseLoss } from "@thalweg/losses";
import { Linear, ReLU, Sequential } from "@thalweg/nn";
import { Adam, SGD } from "@thalweg/optim";
import { manualSeed, randn, tensor, type Tensor, setDefaultDevice, profile } from "@thalweg/tensor";
import { initWebGPU } from "@thalweg/tensor/webgpu";
await initWebGPU();
setDefaultDevice("webgpu");
const only = process.argv[2];
for (const [name, sizes, batch, n] of [["demo", [1, 1], 4, 400], ["small", [784, 128, 10], 64, 60], ["large", [784, 512, 512, 10], 256, 8]] as const) {
  if (only && only !== name) continue;
  const make = () => { manualSeed(1); const layers: any[] = []; for (let i = 1; i < sizes.length; i++) { layers.push(new Linear(sizes[i - 1]!, sizes[i]!)); if (i < sizes.length - 1) layers.push(new ReLU()); }
    const model = new Sequential(...layers), opt = new (name === "demo" ? SGD : Adam)(model.parameters(), { lr: 0.01 });
    return { model, f: (x: Tensor, y: Tensor) => { opt.zeroGrad(); const l = name === "demo" ? mseLoss(model.forward(x), y) : crossEntropy(model.forward(x), y); l.backward(); opt.step(); return l; } }; };
  manualSeed(2);
  const x = randn([batch, sizes[0]]), y = name === "demo" ? randn([4, 1]) : tensor(Array.from({ length: batch }, (_, i) => i % 10), { dtype: "int32" });
  const [e, c] = [make(), make()]; const g = compile(c.f);
  let worst = 0;
  for (let i = 0; i < 6; i++) { const [p, q] = [await e.f(x, y).itemAsync(), await g(x, y).itemAsync()]; worst = Math.max(worst, Math.abs(p - q) / Math.abs(p)); }
  console.log(name, "worst", worst);
  const times = []; for (const f of [e.f, g]) { let best = 1e9; for (let r = 0; r < 3; r++) { const t = performance.now(); for (let i = 0; i < n; i++) await f(x, y).itemAsync(); best = Math.min(best, (performance.now() - t) / n); } times.push(best); }
  console.log(name, times.map((t) => t.toFixed(2)).join(" -> "), (times[0]! / times[1]!).toFixed(2));
  if (name !== "large") console.log(String(g).split("\n").slice(1).map((l) => l.slice(0, 110)).join("\n"));
}
process.exit(0);
