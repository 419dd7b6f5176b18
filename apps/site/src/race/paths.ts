/** A path on a drawing. */
export interface Path {
  readonly number: number;
  /** The token of its colour. */
  readonly color: string;
  readonly isDashed: boolean;
  /** Whether it stands out. */
  readonly isFollowed: boolean;
  /** Its place at each step, in the units of the drawing. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** The part of a drawing that is drawn on. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Colours, by their tokens. */
export type Palette = (token: string) => string;

/** Canvases do not reach much farther. */
const reach = 1e4;
const near = (value: number) => Math.max(-reach, Math.min(reach, value));

/** Draws the steps of a path from one to another, so that a race draws only what is new. */
export function drawSteps(
  pen: CanvasRenderingContext2D,
  { points, color, isDashed, isFollowed }: Path,
  from: number,
  to: number,
  palette: Palette,
): void {
  const end = Math.min(to, points.length - 1);
  if (from >= end) return;
  pen.strokeStyle = palette(color);
  pen.lineWidth = isFollowed ? 3 : 1.75;
  pen.lineJoin = "round";
  pen.setLineDash(isDashed ? [5, 4] : []);
  let length = 0;
  for (let i = 1; isDashed && i <= from; i++) {
    length += Math.hypot(
      near(points[i]![0]) - near(points[i - 1]![0]),
      near(points[i]![1]) - near(points[i - 1]![1]),
    );
  }
  pen.lineDashOffset = length;
  pen.beginPath();
  pen.moveTo(near(points[from]![0]), near(points[from]![1]));
  for (let i = from + 1; i <= end; i++) pen.lineTo(near(points[i]![0]), near(points[i]![1]));
  pen.stroke();
}

/** Where each path is at a step. */
function headsAt(paths: readonly Path[], step: number, { x, y, width, height }: Window) {
  return paths.flatMap((path) => {
    const at = path.points[Math.min(step, path.points.length - 1)];
    if (at === undefined) return [];
    const isInside = at[0] >= x && at[0] <= x + width && at[1] >= y && at[1] <= y + height;
    return isInside ? [{ path, at }] : [];
  });
}

/** Draws the racers as discs with their numbers. */
export function drawDiscs(
  pen: CanvasRenderingContext2D,
  paths: readonly Path[],
  step: number,
  window: Window,
  palette: Palette,
): void {
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const { path, at } of headsAt(paths, step, window)) {
    const radius = path.isFollowed ? 10 : 8;
    pen.beginPath();
    pen.arc(at[0], at[1], radius, 0, 2 * Math.PI);
    pen.fillStyle = palette(path.color);
    pen.fill();
    pen.lineWidth = path.isFollowed ? 2.5 : 1.5;
    pen.strokeStyle = palette(path.isFollowed ? "--figure-ink" : "--figure-raised");
    pen.stroke();
    pen.fillStyle = palette("--figure-raised");
    pen.font = `600 ${path.isFollowed ? 11 : 10}px sans-serif`;
    pen.fillText(String(path.number), at[0], at[1] + 0.5);
  }
}

const lineHeight = 11;

/** Draws the ends of curves as dots, with their numbers beside them, one below the other. */
export function drawColumn(
  pen: CanvasRenderingContext2D,
  paths: readonly Path[],
  step: number,
  window: Window,
  palette: Palette,
): void {
  const heads = headsAt(paths, step, window).sort((a, b) => a.at[1] - b.at[1]);
  const heights = heads.map(({ at }) => at[1]);
  // Each below the one before, and then, from the bottom, none below the plot.
  for (let i = 1; i < heights.length; i++) heights[i] = Math.max(heights[i]!, heights[i - 1]! + lineHeight);
  let lowest = window.y + window.height;
  for (let i = heights.length - 1; i >= 0; i--) {
    heights[i] = Math.min(heights[i]!, lowest);
    lowest = heights[i]! - lineHeight;
  }
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  for (const [i, { path, at }] of heads.entries()) {
    const [x, y] = at;
    pen.fillStyle = palette(path.color);
    pen.beginPath();
    pen.arc(x, y, path.isFollowed ? 4 : 3, 0, 2 * Math.PI);
    pen.fill();
    pen.font = `${path.isFollowed ? 700 : 600} 10px sans-serif`;
    pen.fillText(String(path.number), x + 7, heights[i]!);
  }
}
