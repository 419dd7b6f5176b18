import {
  Conv2d,
  Linear,
  LSTM,
  type Module,
  TransformerEncoderLayer,
} from "thalweg";

// #region formula
/** What a step is made of; times in seconds, sizes in bytes. */
interface Step {
  compute: number;
  bytes: number;
  messages: number;
}

/** The links between hosts; bandwidth in bytes per second. */
interface Network {
  bandwidth: number;
  latency: number;
}

/** Seconds to weight gradients, copy them and copy them back, per byte. */
const packing = 1e-9;

/** The time of a step on n hosts, of which nothing or all that can be is sent during backward. */
function timeOf(
  step: Step,
  network: Network,
  n: number,
  overlaps: boolean,
) {
  const { compute, bytes, messages } = step;
  const sent = (2 * (n - 1) * bytes) / n / network.bandwidth;
  const waits = messages * 2 * (n - 1) * network.latency;
  const hidden = overlaps ? (2 / 3) * compute : 0;
  return compute + packing * bytes + Math.max(0, sent + waits - hidden);
}
// #endregion formula

/** Layers, the rows of a batch and the milliseconds of a step on one host. */
const models: [string, Module[], number][] = [
  [
    "MLP 784-128-10, 64",
    [new Linear(784, 128), new Linear(128, 10)],
    1.2,
  ],
  [
    "MLP 784-512-512-10, 256",
    [new Linear(784, 512), new Linear(512, 512), new Linear(512, 10)],
    13.2,
  ],
  [
    "CNN 1-16-32-10, 64",
    [
      new Conv2d(1, 16, 3),
      new Conv2d(16, 32, 3),
      new Linear(32 * 7 * 7, 10),
    ],
    25,
  ],
  ["LSTM 32-64-10, 32", [new LSTM(32, 64), new Linear(64, 10)], 26.7],
  [
    "Transformer 128-512, 8 × 64",
    [
      new TransformerEncoderLayer(128, 4, { dimFeedforward: 512 }),
      new Linear(128, 10),
    ],
    25,
  ],
];

const hosts = [2, 8, 64];
const networks = [10, 100].map((gigabits) => ({
  gigabits,
  bandwidth: (gigabits * 1e9) / 8,
  latency: 20e-6,
}));
const columns = networks.flatMap((network) =>
  hosts.map((n) => ({ network, n })),
);

/** How many messages DataParallel makes of it: a small one first, then one for each 25 MiB. */
const messagesOf = (bytes: number) =>
  1 + Math.ceil(Math.max(0, bytes - 2 ** 20) / (25 * 2 ** 20));

const line = (cells: string[]) => console.log(`| ${cells.join(" | ")} |`);

/** How many times as many rows per second as one host has, without overlap and with it. */
function printTable(isDivided: boolean) {
  const heads = columns.map(
    ({ network, n }) => `n = ${n}<br>${network.gigabits} Gbit/s`,
  );
  line(["", "MB", "ms", ...heads]);
  line([":--", ...Array(columns.length + 2).fill("--:")]);
  for (const [name, layers, ms] of models) {
    const sizes = layers.flatMap((layer) =>
      layer.parameters().map(({ size }) => size),
    );
    const bytes = 4 * sizes.reduce((sum, size) => sum + size);
    const times = columns.map(({ network, n }) => {
      const compute = ms / 1000 / (isDivided ? n : 1);
      const step = { compute, bytes, messages: messagesOf(bytes) };
      const gains = [false, true].map((overlaps) => {
        const time = timeOf(step, network, n, overlaps);
        return (n * compute) / time;
      });
      const [least, most] = gains.map((gain) => gain.toPrecision(2));
      return least === most ? least! : `${least} – ${most}`;
    });
    line([name, (bytes / 1e6).toFixed(2), String(ms), ...times]);
  }
}

printTable(false);
console.log();
printTable(true);
