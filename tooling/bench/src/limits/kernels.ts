import {
  add,
  addInt,
  anyTrue,
  assemble,
  constant,
  get,
  loadVector,
  loop,
  multiply,
  set,
  splat,
  subtractInt,
  xor,
} from "./assemble";

/** Enough chains to cover the latency of two dependent instructions, and few enough for 16 registers. */
const chains = 12;
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

const countDown = (by: number) => [...get(0), ...constant(by), ...subtractInt, ...set(0)];

/** Multiplications and additions of one iteration of {@link multiplyAdd}. */
export const flopsPerIteration = chains * 4 * 2;

/** f(iterations): independent chains of x = x·½ + 1, four lanes each. */
export function multiplyAdd(): WebAssembly.Module {
  const [half, one] = [1 + chains, 2 + chains];
  const body = [
    ...[...splat(0.5), ...set(half), ...splat(1), ...set(one)],
    ...loop(0, [
      ...range(chains).flatMap((i) => [
        ...get(1 + i),
        ...get(half),
        ...multiply,
        ...get(one),
        ...add,
        ...set(1 + i),
      ]),
      ...countDown(1),
    ]),
    ...range(chains).flatMap((i) => get(1 + i)),
    ...Array.from({ length: chains - 1 }, () => xor).flat(),
    ...anyTrue,
  ];
  return assemble(1, chains + 2, 0, body);
}

/** Bytes that one iteration of {@link reading} loads. */
const lineBytes = 128;

/** f(bytes, times): loads that much memory that many times; `bytes` is a multiple of 128. */
export function reading(bytes: number): WebAssembly.Module {
  const [times, address, sums] = [1, 2, 3];
  const vectors = lineBytes / 16;
  const accumulate = range(vectors).flatMap((i) => [
    ...get(sums + i),
    ...get(address),
    ...loadVector(16 * i),
    ...xor,
    ...set(sums + i),
  ]);
  const remaining = 0;
  const body = [
    ...loop(times, [
      ...[...constant(0), ...set(address), ...constant(bytes), ...set(remaining)],
      ...loop(remaining, [
        ...accumulate,
        ...[...get(address), ...constant(lineBytes), ...addInt, ...set(address)],
        ...countDown(lineBytes),
      ]),
      ...[...get(times), ...constant(1), ...subtractInt, ...set(times)],
    ]),
    ...range(vectors).flatMap((i) => get(sums + i)),
    ...Array.from({ length: vectors - 1 }, () => xor).flat(),
    ...anyTrue,
  ];
  return assemble(3, vectors, Math.ceil(bytes / 65536), body);
}
