import type { Point } from "../../frame/use-url-state";
import type { Stroke } from "./strokes";

/** A part of an ellipse; angles in quarter turns, clockwise from the right. */
function arc(x: number, y: number, rx: number, ry: number, from: number, to: number): Point[] {
  const count = Math.ceil(Math.abs(to - from) * 2.5);
  return Array.from({ length: count + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / count) * Math.PI) / 2;
    return [Math.round(x + rx * Math.cos(angle)), Math.round(y + ry * Math.sin(angle))];
  });
}

/** A drawing of each digit. */
export const examples: readonly (readonly Stroke[])[] = [
  [arc(32, 32, 14, 20, -1, 3)],
  [
    [
      [26, 19],
      [34, 12],
      [33, 32],
      [32, 52],
    ],
  ],
  [[...arc(31, 23, 13, 11, -2.2, 0.4), [30, 42], [18, 51], [32, 50], [48, 50]]],
  [[...arc(29, 22, 13, 10, -1.8, 0.9), ...arc(29, 42, 15, 11, -0.9, 1.8)]],
  [
    [
      [24, 13],
      [18, 36],
      [32, 37],
      [46, 35],
    ],
    [
      [40, 14],
      [39, 34],
      [37, 53],
    ],
  ],
  [[[44, 13], [24, 14], [22, 30], ...arc(30, 41, 14, 12, -1.3, 2.2)]],
  [[[38, 11], [28, 20], [21, 34], ...arc(32, 41, 12, 11, -2.1, 1.9)]],
  [
    [
      [17, 15],
      [32, 14],
      [47, 14],
      [38, 32],
      [30, 53],
    ],
  ],
  [[...arc(32, 22, 10, 10, 1, -3), ...arc(32, 43, 13, 11, -1, 3)]],
  [[...arc(31, 24, 11, 11, -0.1, -4), [42, 36], [38, 53]]],
];
