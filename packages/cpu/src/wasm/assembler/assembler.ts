import {
  type Lane,
  type LaneAccess,
  laneMemoryAccess,
  laneOf,
  type MemoryInstruction,
  memoryAccess,
  type Plain,
  plain,
  shuffle,
  signed,
  unsigned,
  type ValueType,
  vectorConstant,
} from "./instructions";

/** A local variable or parameter of a function. */
export type Local = number & { readonly local: unique symbol };

/** The target of branches to the end of a block, or to the start of a loop. */
export interface Label {
  readonly depth: number;
}

/**
 * The body of one function, written as the stack machine reads it: operands first. Control structures take a function
 * that writes their body.
 */
export class Code {
  private readonly bytes: number[] = [];
  private readonly locals: ValueType[] = [];
  private readonly parameters: number;
  private depth = 0;

  constructor(parameters: number) {
    this.parameters = parameters;
  }

  /** Parameter number `index`. */
  parameter(index: number): Local {
    return index as Local;
  }

  /** A new variable, initially zero. */
  local(of: ValueType): Local {
    this.locals.push(of);
    return (this.parameters + this.locals.length - 1) as Local;
  }

  get(local: Local): this {
    return this.put(0x20, ...unsigned(local));
  }

  set(local: Local): this {
    return this.put(0x21, ...unsigned(local));
  }

  /** Like {@link set}, but leaves the value on the stack. */
  tee(local: Local): this {
    return this.put(0x22, ...unsigned(local));
  }

  i32(value: number): this {
    return this.put(0x41, ...signed(value | 0));
  }

  f32(value: number): this {
    return this.put(0x43, ...new Uint8Array(new Float32Array([value]).buffer));
  }

  f64(value: number): this {
    return this.put(0x44, ...new Uint8Array(new Float64Array([value]).buffer));
  }

  /** Four equal float32 lanes. */
  f32x4(value: number): this {
    return this.put(...vectorConstant(new Uint8Array(new Float32Array(4).fill(value).buffer)));
  }

  /** Two equal float64 lanes. */
  f64x2(value: number): this {
    return this.put(...vectorConstant(new Uint8Array(new Float64Array(2).fill(value).buffer)));
  }

  /** Four integer lanes, or one value in all of them. */
  i32x4(...values: readonly [number] | readonly [number, number, number, number]): this {
    const lanes = Int32Array.from({ length: 4 }, (_, i) => values[i] ?? values[0]);
    return this.put(...vectorConstant(new Uint8Array(lanes.buffer)));
  }

  /** Instructions that take all operands from the stack. */
  op(...names: readonly Plain[]): this {
    for (const name of names) this.put(...plain(name));
    return this;
  }

  /** A load or store at the address on the stack plus `offset` bytes. */
  at(name: MemoryInstruction, offset = 0): this {
    return this.put(...memoryAccess(name, offset));
  }

  lane(name: Lane, index: number): this {
    return this.put(...laneOf(name, index));
  }

  laneAt(name: LaneAccess, index: number, offset = 0): this {
    return this.put(...laneMemoryAccess(name, offset, index));
  }

  /** Picks four of the float32 lanes of the two vectors on the stack, which are numbered 0 to 7. */
  shuffle(...lanes: readonly [number, number, number, number]): this {
    return this.put(
      ...shuffle(lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3])),
    );
  }

  call(index: number): this {
    return this.put(0x10, ...unsigned(index));
  }

  /** A branch to the label in `body` leaves the block. */
  block(body: (label: Label) => void): this {
    return this.structure(0x02, body);
  }

  /** A branch to the label in `body` starts the body again; the end of the body leaves the loop. */
  loop(body: (label: Label) => void): this {
    return this.structure(0x03, body);
  }

  /** Runs `body` if the integer on the stack is not zero. */
  if(body: (label: Label) => void, otherwise?: (label: Label) => void): this {
    return this.structure(0x04, (label) => {
      body(label);
      if (otherwise !== undefined) {
        this.put(0x05);
        otherwise(label);
      }
    });
  }

  branch(label: Label): this {
    return this.put(0x0c, ...unsigned(this.depth - label.depth));
  }

  branchIf(label: Label): this {
    return this.put(0x0d, ...unsigned(this.depth - label.depth));
  }

  /** @internal Locals and instructions in the format of the code section. */
  encode(): number[] {
    const body = [...vectorOf(this.locals.map((of) => [1, of])), ...this.bytes, 0x0b];
    return [...unsigned(body.length), ...body];
  }

  private structure(opcode: number, body: (label: Label) => void): this {
    this.put(opcode, 0x40);
    this.depth++;
    body({ depth: this.depth });
    this.depth--;
    return this.put(0x0b);
  }

  private put(...bytes: readonly number[]): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }
}

interface Definition {
  readonly name: string | null;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly code: Code;
}

/** A module under construction. It imports the memory `m.m` that all kernels share. */
export class Assembler {
  private readonly functions: Definition[] = [];

  /**
   * Adds a function and returns its number, for calls. It is exported when it has a name.
   *
   * @param write writes the body, given the parameters
   */
  function(
    name: string | null,
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    write: (code: Code, ...parameters: Local[]) => void,
  ): number {
    const code = new Code(parameters.length);
    const index = this.functions.push({ name, parameters, results, code }) - 1;
    write(code, ...parameters.map((_, i) => code.parameter(i)));
    return index;
  }

  /** The finished module, for a memory of at most `maximum` pages. */
  encode(maximum: number, shared: boolean): Uint8Array {
    const { functions } = this;
    const text = (string: string) => vectorOf([...string].map((char) => [char.charCodeAt(0)]));
    const exported = functions.flatMap(({ name }, i) =>
      name === null ? [] : [[...text(name), 0x00, ...unsigned(i)]],
    );
    const memory = [...text("m"), ...text("m"), 0x02, shared ? 0x03 : 0x01, 0x00, ...unsigned(maximum)];
    return new Uint8Array([
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      ...section(
        1,
        functions.map(({ parameters, results }) => [
          0x60,
          ...vectorOf(parameters.map((of) => [of])),
          ...vectorOf(results.map((of) => [of])),
        ]),
      ),
      ...section(2, [memory]),
      ...section(
        3,
        functions.map((_, i) => unsigned(i)),
      ),
      ...section(7, exported),
      ...section(
        10,
        functions.map(({ code }) => code.encode()),
      ),
    ]);
  }
}

function vectorOf(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const bytes = vectorOf(items);
  return [id, ...unsigned(bytes.length), ...bytes];
}
