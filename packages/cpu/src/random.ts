import type { RandomKind, View } from "@thalweg/kernels";
import { collapse, ExprPool, evaluator, forEachOuter } from "@thalweg/kernels";
import { compile, emit } from "./js/emit";
import { canGenerateCode } from "./js/generate";
import { arrayOf } from "./storage";
import { threefry } from "./threefry";

const twoPow32 = 2 ** 32;
const words = new Uint32Array(2);

/** 24 random bits as a float in [0, 1), exact in float32. */
function unit(word: number): number {
  return (word >>> 8) * 2 ** -24;
}

/** Replaces n pairs of uniform numbers by pairs of normal numbers. */
type Transform = (n: number, a: Float32Array, b: Float32Array) => void;

/** The transform of Box and Muller: radius √(-2 log(1 - u)), angle 2π v. */
function boxMuller() {
  const pool = new ExprPool();
  const radius = pool.input(0).rsub(1).log().mul(-2).sqrt();
  const angle = pool.input(1).mul(2 * Math.PI);
  return [radius.mul(angle.cos()), radius.mul(angle.sin())];
}

function emitTransform(): Transform {
  const { statements, results } = emit(boxMuller(), (input) => `${"ab"[input]}[i]`);
  const body = `for(let i=0;i<n;i++){${statements}a[i]=${results[0]};b[i]=${results[1]};}`;
  return compile<Transform>(["n", "a", "b"], body);
}

function interpret(): Transform {
  const evaluate = evaluator(boxMuller(), true);
  return (n, a, b) => {
    for (let i = 0; i < n; i++) [a[i], b[i]] = evaluate([a[i]!, b[i]!]) as unknown as [number, number];
  };
}

let rendered: Transform | undefined;
let interpreted: Transform | undefined;

function normal(): Transform {
  if (canGenerateCode()) return (rendered ??= emitTransform());
  return (interpreted ??= interpret());
}

const chunk = 512;
const first = new Float32Array(chunk);
const second = new Float32Array(chunk);

/** Computes the two elements of each of n blocks of the counter. */
function fill(kind: RandomKind, n: number, seed: number, counter: number): void {
  const [key0, key1] = [(seed % twoPow32) | 0, Math.floor(seed / twoPow32) | 0];
  for (let i = 0; i < n; i++) {
    const block = counter + i;
    threefry(key0, key1, (block % twoPow32) | 0, Math.floor(block / twoPow32) | 0, words);
    first[i] = unit(words[0]!);
    second[i] = unit(words[1]!);
  }
  if (kind === "normal") normal()(n, first, second);
}

/**
 * Each block of the counter makes two elements: two uniform numbers, or two normal ones. So an element depends only
 * on the seed, the counter and its own index.
 */
export function random(kind: RandomKind, out: View, seed: number, counter: number): void {
  const data = arrayOf(out);
  const { shape, size } = out.layout;
  const blocks = Math.ceil(size / 2);
  let element = 0;
  if (size === 0) return;
  forEachOuter(collapse(shape, [out.layout]), 0, ([position]) => {
    const block = Math.floor(element / 2);
    const place = block % chunk;
    if (place === 0 && element % 2 === 0) fill(kind, Math.min(chunk, blocks - block), seed, counter + block);
    data[position!] = (element % 2 === 0 ? first : second)[place]!;
    element++;
  });
}
