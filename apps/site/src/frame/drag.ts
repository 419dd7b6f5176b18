/** A place on a drawing, in the units of its view box. */
export type Place = readonly [x: number, y: number];

/** The place of a pointer on a drawing. */
export function placeOf(event: PointerEvent | MouseEvent, drawing: SVGSVGElement): Place {
  const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(
    drawing.getScreenCTM()!.inverse(),
  );
  return [x, y];
}

/**
 * Follows the pointer that went down, until it goes up.
 *
 * @param move is called with each place on the drawing
 */
export function drag(event: PointerEvent, move: (place: Place) => void): void {
  const target = event.currentTarget as SVGGraphicsElement;
  const drawing = target.ownerSVGElement ?? (target as SVGSVGElement);
  target.setPointerCapture(event.pointerId);
  const follow = (next: PointerEvent) => move(placeOf(next, drawing));
  const end = () => {
    target.removeEventListener("pointermove", follow);
    target.removeEventListener("lostpointercapture", end);
  };
  target.addEventListener("pointermove", follow);
  target.addEventListener("lostpointercapture", end);
}

const directions: Readonly<Record<string, Place>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** The direction of an arrow key, ten times as far with Shift; undefined for other keys. */
export function arrow(event: KeyboardEvent): Place | undefined {
  const direction = directions[event.key];
  if (direction === undefined) return undefined;
  event.preventDefault();
  const far = event.shiftKey ? 10 : 1;
  return [direction[0] * far, direction[1] * far];
}
