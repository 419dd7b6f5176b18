import type { Layer } from "@thalweg/nn";
import { tensor } from "@thalweg/tensor";
import type { Spirals } from "./spirals";

const blocks = " ▁▂▃▄▅▆▇█";

/** A curve in one line of text: the logarithm of each value, between the bounds of `range`. */
export function sparkline(
  values: readonly number[],
  width: number,
  range: readonly [number, number],
): string {
  const [low, high] = range.map(Math.log) as [number, number];
  return Array.from({ length: width }, (_, i) => {
    const value = values[Math.round((i * (values.length - 1)) / Math.max(1, width - 1))]!;
    const height = (Math.log(value) - low) / (high - low);
    return blocks[Math.max(1, Math.min(8, Math.round(8 * height)))] ?? "?";
  }).join("");
}

/** A network's output over the plane, and the points that it was trained on. */
export async function map({ points, labels }: Spirals, model: Layer, width: number): Promise<string[]> {
  const height = Math.round(width / 2);
  const at = (i: number, count: number) => (2 * (i + 0.5)) / count - 1;
  const cells = Array.from({ length: height * width }, (_, k) => [
    at(k % width, width),
    -at(Math.floor(k / width), height),
  ]);
  const device = model.parameters()[0]!.device;
  const logits = await model.forward(tensor(cells, { device })).detach().data();
  const text: string[] = Array.from(logits, (logit) => (logit > 0 ? "▒" : " "));
  const place = await points.data();
  const label = await labels.data();
  label.forEach((which, i) => {
    const [x, y] = [place[2 * i]!, place[2 * i + 1]!];
    const row = Math.floor(((1 - y) / 2) * height);
    text[row * width + Math.floor(((x + 1) / 2) * width)] = which === 1 ? "●" : "○";
  });
  return Array.from({ length: height }, (_, row) => text.slice(row * width, (row + 1) * width).join(""));
}
