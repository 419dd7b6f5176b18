import * as thalweg from "thalweg";

const {
  tensor,
  Generator,
  Linear,
  SGD,
  loadCheckpoint,
  loadSafetensors,
  readCsv,
  saveCheckpoint,
  DataLoader,
  Accuracy,
  Normal,
  fit,
  linalg,
} = thalweg;
const junk = new Uint8Array(16).fill(255);
const mistakes = [
  () => new SGD([]),
  () => tensor([1, 2]).add(tensor([1, 2, 3])),
  () => tensor([1]).reshape([1.5]),
  () => tensor([1]).select(0, 7),
  () => tensor([1]).add("1"),
  () => tensor([1], { dtype: "int7" }),
  () => tensor([1], { device: "abacus" }),
  () => tensor([1]).backward(),
  () => new Linear(2, 3, false),
  () => new Generator(-1),
  () => readCsv("a\nx"),
  () => new DataLoader([]),
  () => new DataLoader(7),
  () => loadSafetensors(junk),
  () => loadCheckpoint(junk),
  async () => loadCheckpoint(await saveCheckpoint({ epoch: 1 }), { model: new Linear(1, 1) }),
  () => loadCheckpoint("/no/such/file"),
  () => linalg.inv(tensor([[0]])),
  () => new Accuracy().compute(),
  () => new Normal(0, -1),
  () =>
    fit({ model: new Linear(1, 1), optimizer: new SGD(new Linear(1, 1).parameters()), data: [], epochs: 1 }),
];

for (const mistake of mistakes) {
  try {
    await mistake();
  } catch (error) {
    console.log(error.name, error.constructor.name);
  }
}
