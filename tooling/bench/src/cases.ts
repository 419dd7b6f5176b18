import { Linear, mseLoss, noGrad, randn, SGD, type Tensor, tensor } from "thalweg";

/** One thing to be measured. */
export interface Case {
  readonly name: string;
  readonly run: (count: number) => void;
  /** What one call amounts to, for the column of rates. */
  readonly rate: (nanoseconds: number) => string;
}

const perSecond = (unit: string) => (ns: number) => `${Math.round(1e9 / ns).toLocaleString("en")} ${unit}/s`;

const x = tensor([[1], [2], [3], [4]]);
const y = tensor([[3], [5], [7], [9]]);

/** Forward, loss read, backward, update and zero, with the update written out. */
function plainSteps(count: number): void {
  const w = tensor([[0]], { requiresGrad: true });
  const b = tensor([[0]], { requiresGrad: true });
  for (let step = 0; step < count; step++) {
    const loss = x.matmul(w).add(b).sub(y).square().mean();
    if (Number.isNaN(loss.item())) throw new Error("diverged");
    loss.backward();
    noGrad(() => {
      w.sub_(w.grad!.mul(0.01));
      b.sub_(b.grad!.mul(0.01));
    });
    w.grad = null;
    b.grad = null;
  }
}

/** The same with a layer, a loss and an optimizer. */
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

/** Results are kept for a while, as a program would, so that nothing is computed for nobody. */
const kept: Tensor[] = [];

function repeated(body: () => Tensor): (count: number) => void {
  return (count) => {
    for (let i = 0; i < count; i++) kept[i & 15] = body();
  };
}

export function cases(): Case[] {
  const leaf = randn([4], { requiresGrad: true });
  const [small, a, b] = [randn([4]), randn([512, 512]), randn([512, 512])];
  return [
    { name: "demo step, update by hand", run: plainSteps, rate: perSecond("steps") },
    { name: "demo step, Linear + mseLoss + SGD", run: moduleSteps, rate: perSecond("steps") },
    { name: "add of 4 elements, taped", run: repeated(() => leaf.add(small)), rate: perSecond("ops") },
    { name: "add of 4 elements", run: repeated(() => small.add(small)), rate: perSecond("ops") },
    {
      name: "matmul 512 x 512",
      run: repeated(() => a.matmul(b)),
      rate: (ns) => `${((2 * 512 ** 3) / ns).toFixed(2)} GFLOP/s`,
    },
  ];
}
