import { expect, it } from "vitest";
import { readPixels } from "./digits";
import { pack, unpack } from "./packed";

it("the digits take a byte for each pixel, and nothing is lost", () => {
  const whole = readPixels();
  const bytes = pack(whole);
  expect(bytes.length).toBe(10_000 * (28 * 28 + 1));
  const again = unpack(bytes);
  expect(again.digits).toEqual(whole.digits);
  expect(again.pixels.every((value, i) => value === whole.pixels[i])).toBe(true);
});
