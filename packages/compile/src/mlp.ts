import { compile } from "@thalweg/compile";
import { crossEntropy } from "@thalweg/losses";
import { Linear, ReLU, Sequential } from "@thalweg/nn";
import { Adam, SGD } from "@thalweg/optim";
import { randn, setThreads, tensor, ready, type Tensor } from "@thalweg/tensor";
await ready();
setThreads(+(process.env.T ?? 1));
const only = process.argv[2] ?? "";
for (const [name, batch, sizes, n] of [["tiny", 16, [8, 16, 4], 4000], ["small", 64, [784, 128, 10], 400], ["large", 256, [784, 512, 512, 10], 30]] as const)
  for (const Opt of [SGD, Adam]) {
    if (!`${name}${Opt.optimizerName}`.includes(only)) continue;
    const make = () => {
      const layers: any[] = [];
      for (let i = 1; i < sizes.length; i++) { layers.push(new Linear(sizes[i - 1]!, sizes[i]!)); if (i < sizes.length - 1) layers.push(new ReLU()); }
      const model = new Sequential(...layers), opt = new Opt(model.parameters(), { lr: 0.001 });
      return (x: Tensor, y: Tensor) => { opt.zeroGrad(); const l = crossEntropy(model.forward(x), y); l.backward(); opt.step(); return l; };
    };
    const x = randn([batch, sizes[0]]), y = tensor(Array.from({ length: batch }, (_, i) => i % 4), { dtype: "int32" });
    const fs = [make(), compile(make())];
    const best = [1e9, 1e9];
    const mode = process.argv[3];
    for (let r = 0; r < +(process.env.R ?? 7); r++) fs.forEach((f, k) => { if (mode && +mode !== k) return; for (let i = 0; i < n / 8; i++) f(x, y).item(); const t = performance.now(); for (let i = 0; i < n; i++) f(x, y).item(); best[k] = Math.min(best[k]!, (performance.now() - t) * 1000 / n); });
    console.log(name, Opt.optimizerName, best.map((b) => b.toFixed(1)).join(" -> "), (best[0]! / best[1]!).toFixed(2));
  }
