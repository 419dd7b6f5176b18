import {
  Conv2d,
  Linear,
  LSTM,
  type Module,
  TransformerEncoderLayer,
} from "thalweg";

// #region formula
/** A step; in seconds, and in bytes of gradients. */
interface Step {
  compute: number;
  bytes: number;
  messages: number;
  /** The share of computing during which messages travel. */
  overlap: number;
}

/** Links between hosts; in bytes per second, and seconds. */
interface Link {
  bandwidth: number;
  latency: number;
}

/** Seconds per byte to fill messages and to average. */
const packing = 0.8e-9;

/** The seconds of a step on n hosts. */
function timeOf(step: Step, link: Link, n: number) {
  const { compute, bytes, messages, overlap } = step;
  const sending = (2 * (n - 1) * bytes) / n / link.bandwidth;
  const waiting = messages * 2 * (n - 1) * link.latency;
  const exposed = sending + waiting - overlap * compute;
  return compute + packing * bytes + Math.max(0, exposed);
}
// #endregion formula

/** A model of the benchmarks: its layers, and the milliseconds of a compiled step on one core. */
interface Model {
  name: string;
  layers: Module[];
  ms: number;
}

const models: Model[] = [
  {
    name: "MLP 784-128-10 × 64",
    layers: [new Linear(784, 128), new Linear(128, 10)],
    ms: 0.8,
  },
  {
    name: "MLP 784-512-512-10 × 256",
    layers: [
      new Linear(784, 512),
      new Linear(512, 512),
      new Linear(512, 10),
    ],
    ms: 20,
  },
  {
    name: "CNN 1-16-32-10 × 64",
    layers: [
      new Conv2d(1, 16, 3),
      new Conv2d(16, 32, 3),
      new Linear(32 * 7 * 7, 10),
    ],
    ms: 16,
  },
  {
    name: "LSTM 32-64-10 × 32",
    layers: [new LSTM(32, 64), new Linear(64, 10)],
    ms: 8,
  },
  {
    name: "Transformer 128-512 × 8",
    layers: [
      new TransformerEncoderLayer(128, 4, { dimFeedforward: 512 }),
      new Linear(128, 10),
    ],
    ms: 17,
  },
];

const hosts = [2, 8, 64];
const latency = 20e-6;

/** How many messages DataParallel makes of it: a small one first, then one for each 25 MiB. */
const messagesOf = (bytes: number) =>
  1 + Math.ceil(Math.max(0, bytes - 2 ** 20) / (25 * 2 ** 20));

const bytesOf = ({ layers }: Model) =>
  layers
    .flatMap((layer) => layer.parameters())
    .reduce((sum, { size }) => sum + 4 * size, 0);

/** How many times as many rows a second n hosts train as one does, without overlap and with it. */
function gainOf(
  model: Model,
  bandwidth: number,
  n: number,
  isDivided: boolean,
) {
  const compute = model.ms / 1000 / (isDivided ? n : 1);
  const bytes = bytesOf(model);
  const messages = messagesOf(bytes);
  const [least, most] = [0, 2 / 3].map((overlap) => {
    const step = { compute, bytes, messages, overlap };
    const time = timeOf(step, { bandwidth, latency }, n);
    return ((n * compute) / time).toPrecision(2);
  });
  return least === most ? least : `${least}\u2060–\u2060${most}`;
}

const line = (...cells: unknown[]) =>
  console.log(`| ${cells.join(" | ")} |`);

/** A cell of several lines, none of which is broken. */
const cell = (...lines: unknown[]) =>
  lines.join("<br>").replaceAll(" ", "\u00a0").replaceAll("-", "\u2011");

function printTable(isDivided: boolean) {
  line("MB, ms", "Gbit/s", ...hosts.map((n) => cell(`n = ${n}`)));
  line(":--", "--:", ...hosts.map(() => "--:"));
  for (const model of models) {
    const megabytes = (bytesOf(model) / 1e6).toFixed(2);
    const gains = hosts.map((n) => {
      const by = (gigabits: number) =>
        gainOf(model, (gigabits * 1e9) / 8, n, isDivided);
      return cell(by(10), by(100));
    });
    const about = `${megabytes} MB, ${model.ms} ms`;
    line(cell(model.name, about), cell(10, 100), ...gains);
  }
}

printTable(false);
console.log();
printTable(true);
