// Prints the errors of a program with two copies of the library.
import * as ours from "thalweg";

const theirs = await import(process.argv[2]);
const { tensor, Linear, SGD, Module, Sequential } = ours;
const there = theirs.tensor([1, 2]);

class Mixed extends Module {
  layer = new theirs.Linear(1, 1);
}

class Holder extends Module {
  scale = new theirs.Parameter(there);
}

const attempts = {
  add: () => tensor([1, 2]).add(there),
  sum: () => ours.cat([there, there]),
  optimizer: () => new SGD([there], { lr: 1 }),
  named: () => new SGD([["w", there]], { lr: 1 }),
  layer: () => new Mixed().parameters(),
  parameter: () => new Holder().parameters(),
  sequential: () => new Sequential(new Linear(1, 1), new theirs.ReLU()).forward(tensor([[1]])),
  load: () => new Linear(1, 2).loadStateDict({ weight: tensor([[1], [2]]), bias: there }),
  saveSafetensors: () => ours.saveSafetensors({ x: there }),
  saveCheckpoint: () => ours.saveCheckpoint({ part: { x: there } }),
  saveGenerator: () => ours.saveCheckpoint({ generator: new theirs.Generator(1) }),
  loadCheckpoint: async () => {
    const model = new theirs.Linear(1, 1);
    await ours.loadCheckpoint(await ours.saveCheckpoint({ model: new Linear(1, 1) }), { model });
  },
  collate: () => ours.collate([there]),
};
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    console.log(name, "nothing");
  } catch (error) {
    console.log(name, error instanceof ours.ThalwegError, error.message);
  }
}
