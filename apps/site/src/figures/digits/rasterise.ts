import type { Point } from "../../frame/use-url-state";
import type { Stroke } from "./strokes";

/** Side of an image of MNIST, and of the box in it that a digit fits into. */
const [side, box] = [28, 20];
/** Half the width of the pen: digits of MNIST have lines of about two and a half pixels. */
const pen = 1.25;
/** The least size that is made as large as the box: a dot stays a dot. */
const leastSize = 8;

/** The distance of a place from the line between two others. */
function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** Brightness from 0 to 1; the edges of lines are soft. */
function paint(strokes: readonly Stroke[]): number[] {
  return Array.from({ length: side * side }, (_, i) => {
    const pixel: Point = [(i % side) + 0.5, Math.floor(i / side) + 0.5];
    const near = strokes.flatMap((stroke) =>
      stroke.map((place, k) => distance(pixel, stroke[Math.max(0, k - 1)]!, place)),
    );
    return Math.min(1, Math.max(0, pen + 0.5 - Math.min(...near)));
  });
}

const moved = (strokes: readonly Stroke[], scale: number, [x, y]: Point): Stroke[] =>
  strokes.map((stroke) => stroke.map(([px, py]) => [scale * px + x, scale * py + y]));

/** The centre of mass. */
function centre(pixels: readonly number[]): Point {
  const sum = (weight: (i: number) => number) =>
    pixels.reduce((total, value, i) => total + value * weight(i), 0);
  const mass = sum(() => 1);
  return [sum((i) => (i % side) + 0.5) / mass, sum((i) => Math.floor(i / side) + 0.5) / mass];
}

/**
 * The image of a drawing, a byte for each pixel, made as those of MNIST were: as large as fits into 20 x 20 pixels, its centre of
 * mass in the middle of 28 x 28.
 */
export function rasterise(strokes: readonly Stroke[]): Uint8Array {
  const places = strokes.flat();
  if (places.length === 0) return new Uint8Array(side * side);
  const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const scale = (box - 2 * pen) / Math.max(width, height, leastSize);
  const middle = side / 2;
  const scaled = moved(strokes, scale, [
    middle - scale * (left + width / 2),
    middle - scale * (top + height / 2),
  ]);
  const [x, y] = centre(paint(scaled));
  return Uint8Array.from(paint(moved(scaled, 1, [middle - x, middle - y])), (value) =>
    Math.round(255 * value),
  );
}
