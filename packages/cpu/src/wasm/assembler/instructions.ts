/** Value types of the binary format. */
export const type = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = (typeof type)[keyof typeof type];

/** Instructions of one byte that take all operands from the stack. */
const scalar = {
  unreachable: 0x00,
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtS: 0x48,
  i32GtS: 0x4a,
  i32GtU: 0x4b,
  i32LeS: 0x4c,
  i32GeS: 0x4e,
  i32GeU: 0x4f,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32DivS: 0x6d,
  i32RemS: 0x6f,
  i32And: 0x71,
  i32Or: 0x72,
  i32Shl: 0x74,
  f32Add: 0x92,
  i32TruncF32S: 0xa8,
  f32ConvertI32S: 0xb2,
  f64ConvertI32U: 0xb8,
} as const;

/** Instructions of 128-bit vectors, after the prefix 0xfd. */
const vector = {
  i32x4Splat: 0x11,
  f64x2Splat: 0x14,
  i32x4Eq: 0x37,
  i32x4Ne: 0x38,
  i32x4LtS: 0x39,
  f32x4Eq: 0x41,
  f32x4Ne: 0x42,
  f32x4Lt: 0x43,
  f32x4Gt: 0x44,
  f32x4Le: 0x45,
  f32x4Ge: 0x46,
  f64x2Eq: 0x47,
  f64x2Ne: 0x48,
  f64x2Lt: 0x49,
  f64x2Gt: 0x4a,
  f64x2Le: 0x4b,
  f64x2Ge: 0x4c,
  v128And: 0x4e,
  v128Bitselect: 0x52,
  f32x4DemoteF64x2Zero: 0x5e,
  f64x2PromoteLowF32x4: 0x5f,
  f32x4Ceil: 0x67,
  f32x4Floor: 0x68,
  f32x4Trunc: 0x69,
  f32x4Nearest: 0x6a,
  f64x2Ceil: 0x74,
  f64x2Floor: 0x75,
  f64x2Trunc: 0x7a,
  f64x2Nearest: 0x94,
  i32x4Shl: 0xab,
  i32x4ShrS: 0xac,
  i32x4Add: 0xae,
  i32x4Sub: 0xb1,
  i32x4Mul: 0xb5,
  i32x4MinS: 0xb6,
  i32x4MaxS: 0xb8,
  i64x2Shl: 0xcb,
  f32x4Abs: 0xe0,
  f32x4Neg: 0xe1,
  f32x4Sqrt: 0xe3,
  f32x4Add: 0xe4,
  f32x4Sub: 0xe5,
  f32x4Mul: 0xe6,
  f32x4Div: 0xe7,
  f32x4Min: 0xe8,
  f32x4Max: 0xe9,
  f32x4Pmin: 0xea,
  f32x4Pmax: 0xeb,
  f64x2Abs: 0xec,
  f64x2Neg: 0xed,
  f64x2Sqrt: 0xef,
  f64x2Add: 0xf0,
  f64x2Sub: 0xf1,
  f64x2Mul: 0xf2,
  f64x2Div: 0xf3,
  f64x2Min: 0xf4,
  f64x2Max: 0xf5,
  f64x2Pmax: 0xf7,
  i32x4TruncSatF32x4S: 0xf8,
  f32x4ConvertI32x4S: 0xfa,
} as const;

/** Loads and stores: opcode, and the exponent of the natural alignment, a power of two. */
const access = {
  i32Load: [0x28, 2],
  f32Load: [0x2a, 2],
  i32Store: [0x36, 2],
  f32Store: [0x38, 2],
} as const;

const vectorAccess = {
  v128Load: [0x00, 4],
  v128Load32Splat: [0x09, 2],
  v128Store: [0x0b, 4],
} as const;

/** Instructions that name a lane. Those with an alignment access memory. */
const lane = {
  i32x4ExtractLane: 0x1b,
  f32x4ExtractLane: 0x1f,
} as const;

const laneAccess = {
  v128Load32Lane: [0x56, 2],
  v128Store32Lane: [0x5a, 2],
} as const;

export type Plain = keyof typeof scalar | keyof typeof vector;
export type MemoryInstruction = keyof typeof access | keyof typeof vectorAccess;
export type Lane = keyof typeof lane;
export type LaneAccess = keyof typeof laneAccess;

const prefix = 0xfd;

/** Encodes a number of at least zero, seven bits a byte, as the format writes sizes and indices. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  bytes.push(value);
  return bytes;
}

/** Encodes a signed 32-bit integer, seven bits a byte. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  for (; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128);
  bytes.push(value & 127);
  return bytes;
}

const behindPrefix = (code: number): number[] => [prefix, ...unsigned(code)];

/** The bytes of each instruction that takes all operands from the stack, by name. */
const plainCodes = new Map<Plain, readonly number[]>();
for (const [name, code] of Object.entries(scalar)) plainCodes.set(name as Plain, [code]);
for (const [name, code] of Object.entries(vector)) plainCodes.set(name as Plain, behindPrefix(code));

export function plain(name: Plain): readonly number[] {
  return plainCodes.get(name)!;
}

/** A load or store, with its natural alignment. */
export function memoryAccess(name: MemoryInstruction, offset: number): number[] {
  const [code, align] =
    name in access ? access[name as keyof typeof access] : vectorAccess[name as keyof typeof vectorAccess];
  return [...(name in access ? [code] : behindPrefix(code)), align, ...unsigned(offset)];
}

export function laneOf(name: Lane, index: number): number[] {
  return [...behindPrefix(lane[name]), index];
}

export function laneMemoryAccess(name: LaneAccess, offset: number, index: number): number[] {
  const [code, align] = laneAccess[name];
  return [...behindPrefix(code), align, ...unsigned(offset), index];
}

/** The instruction that picks sixteen bytes from two vectors. */
export function shuffle(bytes: readonly number[]): number[] {
  return [...behindPrefix(0x0d), ...bytes];
}

/** A vector constant of sixteen bytes. */
export function vectorConstant(bytes: Uint8Array): number[] {
  return [...behindPrefix(0x0c), ...bytes];
}
