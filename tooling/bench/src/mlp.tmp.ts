import { crossEntropy, Linear, manualSeed, memoryStats, profile, randint, randn, ReLU, Sequential, SGD, Adam, setThreads } from "thalweg";
manualSeed(1);
if (process.argv[4]) setThreads(+process.argv[4]);
const [sizes, batch, Opt] = process.argv[2] === "large" ? [[784, 512, 512, 10], 256, SGD] as const : [[784, 128, 10], 64, SGD] as const;
const layers: any[] = []; sizes.slice(1).forEach((n, i) => { layers.push(new Linear(sizes[i]!, n)); if (i < sizes.length - 2) layers.push(new ReLU()); });
const model = new Sequential(...layers);
const opt = new (process.argv[3] === "adam" ? Adam : Opt)(model.parameters(), { lr: 0.01 });
const x = randn([batch, 784]), t = randint([batch], 0, 10);
const step = () => { opt.zeroGrad(); const loss = crossEntropy(model.forward(x), t); loss.backward(); opt.step(); return loss.item(); };
const n = process.argv[2] === "large" ? 100 : 2000;
for (let i = 0; i < n / 4; i++) step();
await new Promise(r => setTimeout(r, 100));
for (let r = 0; r < 3; r++) { const t0 = performance.now(); let l = 0; for (let i = 0; i < n; i++) l = step(); console.log((n / (performance.now() - t0) * 1000).toFixed(0), "steps/s", l, JSON.stringify(memoryStats())); await new Promise(r => setTimeout(r, 10)); }
if (process.argv[5]) console.log(String(profile(() => { for (let i = 0; i < 50; i++) step(); })));
