import { collapse, forEachOuter } from "../../layout/collapse";
import type { RandomKind, View } from "../backend";
import { arrayOf } from "./storage";
import { threefry } from "./threefry";

const twoPow32 = 2 ** 32;
const words = new Uint32Array(2);

/** 24 random bits as a float in [0, 1), exact in float32. */
function unit(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/**
 * Each block of the counter gives two elements: two uniform numbers, or by Box and Muller's transform two
 * normal ones. So an element depends on seed, counter and its own index only.
 */
export function random(kind: RandomKind, out: View, seed: number, counter: number): void {
  const data = arrayOf(out);
  const [key0, key1] = [(seed % twoPow32) | 0, Math.floor(seed / twoPow32) | 0];
  let pending = 0;
  let element = 0;
  if (out.layout.size === 0) return;
  forEachOuter(collapse(out.layout.shape, [out.layout]), 0, ([position]) => {
    if (element % 2 === 1) {
      data[position!] = pending;
    } else {
      const block = counter + element / 2;
      threefry(key0, key1, (block % twoPow32) | 0, Math.floor(block / twoPow32) | 0, words);
      const [u, v] = [unit(words[0]!), unit(words[1]!)];
      if (kind === "uniform") {
        data[position!] = u;
        pending = v;
      } else {
        const radius = Math.sqrt(-2 * Math.log(1 - u));
        data[position!] = radius * Math.cos(2 * Math.PI * v);
        pending = radius * Math.sin(2 * Math.PI * v);
      }
    }
    element++;
  });
}
