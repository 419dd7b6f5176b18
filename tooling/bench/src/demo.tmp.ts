import { Linear, mseLoss, noGrad, randn, SGD, type Tensor, tensor } from "thalweg";
const x = tensor([[1], [2], [3], [4]]);
const y = tensor([[3], [5], [7], [9]]);
function plainSteps(count: number): void {
  const w = tensor([[0]], { requiresGrad: true });
  const b = tensor([[0]], { requiresGrad: true });
  for (let step = 0; step < count; step++) {
    const loss = x.matmul(w).add(b).sub(y).square().mean();
    if (Number.isNaN(loss.item())) throw new Error("diverged");
    loss.backward();
    noGrad(() => { w.sub_(w.grad!.mul(0.01)); b.sub_(b.grad!.mul(0.01)); });
    w.grad = null; b.grad = null;
  }
}
function moduleSteps(count: number): void {
  const model = new Linear(1, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0.01 });
  for (let step = 0; step < count; step++) {
    const loss = mseLoss(model.forward(x), y);
    if (Number.isNaN(loss.item())) throw new Error("diverged");
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
  }
}
const leaf = randn([4], { requiresGrad: true }), small = randn([4]);
const kept: Tensor[] = [];
const which = process.argv[2] ?? "all"; const n = Number(process.argv[3] ?? 200000);
const time = (name: string, f: (n: number) => void) => { f(20000); const ts: number[] = []; for (let r = 0; r < 7; r++) { const t = performance.now(); f(n); ts.push((performance.now() - t) * 1e6 / n); } ts.sort((a, b) => a - b); console.log(name, "min", ts[0]!.toFixed(0), "median", ts[3]!.toFixed(0), "ns"); };
if (which === "plain" || which === "all") time("plain", plainSteps);
if (which === "module" || which === "all") time("module", moduleSteps);
if (which === "op" || which === "all") { time("taped add", (c) => { for (let i = 0; i < c; i++) kept[i & 15] = leaf.add(small); }); time("add", (c) => { for (let i = 0; i < c; i++) kept[i & 15] = small.add(small); }); }
