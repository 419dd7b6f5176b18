const i32 = 0x7f;
const v128 = 0x7b;

/** An unsigned integer in LEB128. */
function unsigned(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)];
}

/** A non-negative integer as the operand of `i32.const`, which is signed. */
function signed(value: number): number[] {
  const low = value & 0x7f;
  return value < 0x40 ? [low] : [low | 0x80, ...signed(value >>> 7)];
}

const simd = (opcode: number) => [0xfd, ...unsigned(opcode)];

export const get = (local: number) => [0x20, ...unsigned(local)];
export const set = (local: number) => [0x21, ...unsigned(local)];
export const constant = (value: number) => [0x41, ...signed(value)];
export const addInt = [0x6a];
export const subtractInt = [0x6b];
/** Splats an f32 constant over four lanes. */
export const splat = (value: number) => [
  0x43,
  ...new Uint8Array(Float32Array.of(value).buffer),
  ...simd(0x13),
];
export const loadVector = (offset: number) => [...simd(0), 4, ...unsigned(offset)];
export const xor = simd(0x51);
export const anyTrue = simd(0x53);
export const add = simd(0xe4);
export const multiply = simd(0xe6);

/** Repeats the body for as long as the local, which the body counts down, is not zero. */
export const loop = (counter: number, body: readonly number[]) => [
  ...[0x03, 0x40],
  ...body,
  ...get(counter),
  ...[0x0d, 0, 0x0b],
];

/**
 * A module with one function, exported as "f", of i32 parameters and with an i32 result, and a memory,
 * exported as "memory".
 *
 * @param vectors number of v128 locals, after the parameters
 */
export function assemble(parameters: number, vectors: number, pages: number, body: readonly number[]) {
  const section = (id: number, content: readonly number[]) => [id, ...unsigned(content.length), ...content];
  const name = (text: string) => [...unsigned(text.length), ...Buffer.from(text)];
  const code = [1, ...unsigned(vectors), v128, ...body, 0x0b];
  const bytes = [
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, ...unsigned(parameters), ...Array(parameters).fill(i32), 1, i32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(pages)]),
    ...section(7, [2, ...name("f"), 0, 0, ...name("memory"), 2, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ];
  return new WebAssembly.Module(Uint8Array.from(bytes));
}
