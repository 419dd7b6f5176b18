import {
  Adam,
  clipGradNorm_,
  compile,
  crossEntropy,
  Linear,
  ReLU,
  randint,
  randn,
  Sequential,
  SGD,
  StepLR,
  type Tensor,
  tensor,
  zeros,
} from "thalweg";

{
  // #region compiled-functions
  const model = new Sequential(
    new Linear(4, 8),
    new ReLU(),
    new Linear(8, 3),
  );
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const step = compile((x: Tensor, y: Tensor) => {
    const loss = crossEntropy(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    return loss;
  });

  const [x, y] = [randn([16, 4]), randint([16], 0, 3)];
  const first = step(x, y).item();
  for (let i = 0; i < 30; i++) step(x, y);
  step(x, y).item() < first; // → true
  // #endregion compiled-functions
}

{
  // #region what-is-data
  const w = tensor([8], { requiresGrad: true });
  const sgd = new SGD([w], { lr: 0.25 });
  const halve = new StepLR(sgd, { stepSize: 1, gamma: 0.5 });
  const descend = compile(() => {
    sgd.zeroGrad();
    w.square().sum().backward();
    sgd.step();
  });
  for (let i = 0; i < 3; i++) {
    descend();
    halve.step();
  }
  w.toArray(); // → [2.625]
  descend.explain().programs.length; // → 1
  // #endregion what-is-data
}

{
  // #region what-makes-another-program
  const power = compile((x: Tensor, n: number) => x.pow(n));
  power(tensor([3]), 2).toArray(); // → [9]
  power(tensor([3]), 3).toArray(); // → [27]
  power(tensor([4]), 2).toArray(); // → [16]
  power.explain().recordings; // → 2
  power.explain().programs.length; // → 2
  // #endregion what-makes-another-program
}

{
  // #region what-happens-only-once
  const told: string[] = [];
  const double = compile((x: Tensor) => {
    told.push("recorded"); // or console.log
    return x.mul(2);
  });
  for (const value of [1, 2, 3]) double(tensor([value]));
  told.join(); // → "recorded"
  // #endregion what-happens-only-once
}

{
  // #region what-is-an-error
  const scaled = compile((x: Tensor) => x.mul(x.sum().item()), {
    name: "scaled",
  });
  const message = (() => {
    try {
      return String(scaled(tensor([1, 2])));
    } catch (error) {
      return (error as Error).message;
    }
  })();
  message.split(";")[0]; // → "item: reads elements inside of scaled, which is recorded: later calls would not read again"
  // #endregion what-is-an-error
}

{
  // #region results-and-gradients
  const relu6 = compile((x: Tensor) => x.clamp(0, 6));
  const [low, high] = [relu6(tensor([-1])), relu6(tensor([7]))];
  [low.item(), high.item()]; // → [0,6]
  // #endregion results-and-gradients
}

{
  // #region check-a-function
  let factor = 1;
  const wrong = compile((x: Tensor) => x.mul(factor), {
    check: 1,
    name: "wrong",
  });
  wrong(tensor([5]));
  factor = 2;
  const found = (() => {
    try {
      return String(wrong(tensor([5])));
    } catch (error) {
      return (error as Error).message;
    }
  })();
  found.startsWith("wrong: "); // → true
  // #endregion check-a-function
}

{
  // #region read-a-program
  const score = compile(
    (a: Tensor, b: Tensor) => a.mul(b).add(1).relu().sum(1),
    { name: "score" },
  );
  score(zeros([4, 3]), zeros([3]));
  score.explain().programs[0]!.kernels[0]!.operations; // → ["mul","add","relu","sum"]
  String(score).split("\n")[0]; // → "score: recorded once, last because of the first call"
  // #endregion read-a-program
}
