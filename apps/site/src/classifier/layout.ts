import { featureNames } from "./settings";

/** A column of the drawing. */
export interface Column {
  /** Its middle. */
  readonly x: number;
  /** The middles of its tiles, from the top. */
  readonly ys: readonly number[];
}

/** Where the parts of the network are, in pixels. */
export interface NetworkLayout {
  readonly width: number;
  readonly height: number;
  /** The side of a tile. */
  readonly tile: number;
  /** Features, hidden layers, output. */
  readonly columns: readonly Column[];
}

const top = 64;
const [large, small] = [40, 32];
const gap = 10;
/** Room for the names of the features. */
const names = 40;
/** Between the middles of two columns at least: two buttons are above each. */
const leastPitch = 64;
const side = 34;

/** Places a network with these hidden layers on a drawing that is as wide as the screen allows, or wider where it must. */
export function layoutOf(screen: number, layers: readonly number[]): NetworkLayout {
  const tile = screen < 480 ? small : large;
  const counts = [featureNames.length, ...layers, 1];
  const first = names + tile / 2;
  const width = Math.max(screen, first + leastPitch * (counts.length - 1) + side);
  const pitch = (width - first - side) / (counts.length - 1);
  const columns = counts.map((count, i) => ({
    x: first + i * pitch,
    ys: Array.from({ length: count }, (_, j) => top + tile / 2 + j * (tile + gap)),
  }));
  return { width, height: top + Math.max(...counts) * (tile + gap), tile, columns };
}
