import plot from "simple-ascii-chart";

const height = 12;
/** Columns beside the curve: the numbers of the axis and the arrow. */
const margin = 12;

/** The loss over the epochs, drawn with characters, at most `columns` wide. */
export function plotLoss(losses: readonly number[], columns: number): string[] {
  const width = Math.max(16, Math.min(columns - margin, 100));
  const top = losses.reduce((a, b) => Math.max(a, b), 0) || 1;
  const chart = plot(thin(losses, width), {
    width,
    height,
    yRange: [0, top],
    customXAxisTicks: ticks(1, losses.length, width / 12),
    customYAxisTicks: ticks(0, top, 5),
    formatter: (value) => Number(value.toPrecision(3)),
  });
  const lines = chart.split("\n").map((line) => line.trimEnd());
  return ["loss by epoch", ...lines.filter((line) => line !== "")];
}

/** At most one point for a column of characters. */
function thin(losses: readonly number[], width: number): [number, number][] {
  const count = Math.min(losses.length, width);
  return Array.from({ length: count }, (_, i) => {
    const epoch = count === 1 ? 0 : Math.round((i * (losses.length - 1)) / (count - 1));
    return [epoch + 1, losses[epoch]!];
  });
}

/** About `count` round numbers between two others, starting with the first. */
function ticks(from: number, to: number, count: number): number[] {
  const step = roundStep((to - from) / Math.max(1, count));
  const first = Math.ceil((from + step / 2) / step) * step;
  const inner = Array.from(
    { length: Math.floor((to - first) / step + 1e-9) + 1 },
    (_, k) => first + k * step,
  );
  return [from, ...inner];
}

/** The next of 1, 2, 5, 10, 20, 50, ... */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step || 1));
  return power * ([1, 2, 5].find((factor) => factor * power >= step) ?? 10);
}
