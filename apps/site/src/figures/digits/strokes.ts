import type { Field, Point } from "../../frame/use-url-state";

/** A line of the pen, as places on the grid of the pad. */
export type Stroke = readonly Point[];

/** Side of the pad, in steps of the grid. */
export const padSide = 64;
/** The most places of a drawing, so that its address stays short. */
export const mostPlaces = 600;

/** A sign for each step of the grid. */
const signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const between = ".";

const pattern = /^(?:[\w-]{2})+(?:\.(?:[\w-]{2})+)*$/;

function strokeOf(text: string): Stroke {
  return Array.from({ length: text.length / 2 }, (_, i) => [
    signs.indexOf(text[2 * i]!),
    signs.indexOf(text[2 * i + 1]!),
  ]);
}

/** A drawing, two signs for each place: `3A3B3C.9z` has two strokes. */
export function drawing(initial: readonly Stroke[]): Field<readonly Stroke[]> {
  return {
    initial,
    parse(text) {
      if (text === "") return [];
      return pattern.test(text) && text.length <= 4 * mostPlaces
        ? text.split(between).map(strokeOf)
        : undefined;
    },
    format: (strokes) =>
      strokes.map((stroke) => stroke.map(([x, y]) => signs[x]! + signs[y]!).join("")).join(between),
  };
}
