import { Access } from "../../access";
import type { Code, Local } from "../assembler/assembler";
import { type } from "../assembler/instructions";

/** Walks one operand along the innermost loop, four elements at a time. */
export class Cursor {
  readonly access: Access;
  private readonly code: Code;
  private readonly address: Local;
  /** The bytes from one element to the next. */
  readonly step: Local;
  /** The distances of the other elements of a vector from the address. */
  private readonly lanes: readonly Local[];
  private readonly base: Local;
  private readonly value: Local;

  constructor(code: Code, access: Access, step: Local) {
    this.code = code;
    this.access = access;
    this.step = step;
    this.address = code.local(type.i32);
    this.base = code.local(type.i32);
    this.value = code.local(type.v128);
    this.lanes = access === Access.strided ? [1, 2, 3].map(() => code.local(type.i32)) : [];
  }

  /** Moves to the element at an address. */
  start(position: Local): void {
    const { code } = this;
    if (this.access === Access.single) code.get(position).at("v128Load32Splat").set(this.value);
    else code.get(position).set(this.address);
    this.lanes.forEach((lane, i) => {
      code
        .get(this.step)
        .i32(i + 1)
        .op("i32Mul")
        .set(lane);
    });
  }

  /** Keeps a vector of only `count` elements, fewer than four, from reading others. */
  limit(count: Local): void {
    this.lanes.forEach((lane, i) => {
      this.code
        .get(lane)
        .get(count)
        .i32(i + 1)
        .op("i32GtS", "i32Mul")
        .set(lane);
    });
  }

  /** Puts a vector on the stack: the next one, or the one `ahead` vectors further. */
  load(ahead = 0): void {
    const { code, lanes } = this;
    if (this.access === Access.single) code.get(this.value);
    else if (this.access === Access.dense) code.get(this.address).at("v128Load", 16 * ahead);
    else {
      const base = this.from(ahead);
      code.get(base).at("v128Load32Splat").set(this.value);
      lanes.forEach((lane, i) => {
        code.get(base).get(lane).op("i32Add").get(this.value);
        code.laneAt("v128Load32Lane", i + 1).set(this.value);
      });
      code.get(this.value);
    }
  }

  /** Writes a whole vector. */
  store(vector: Local, ahead = 0): void {
    const { code } = this;
    if (this.access === Access.dense)
      code
        .get(this.address)
        .get(vector)
        .at("v128Store", 16 * ahead);
    else {
      const base = this.from(ahead);
      for (let i = 0; i < 4; i++) this.storeLane(base, vector, i);
    }
  }

  /** Writes the first `count` elements of a vector, at most three of them. */
  storePart(vector: Local, count: Local): void {
    const { code } = this;
    code.block((done) => {
      for (let i = 0; i < 3; i++) {
        code.get(count).i32(i).op("i32LeS").branchIf(done);
        this.storeLane(this.address, vector, i);
      }
    });
  }

  /** Moves on by a number of vectors. */
  advance(vectors: number): void {
    const { code, address } = this;
    if (this.access === Access.single) return;
    code.get(address);
    if (this.access === Access.dense) code.i32(16 * vectors);
    else {
      code
        .get(this.step)
        .i32(4 * vectors)
        .op("i32Mul");
    }
    code.op("i32Add").set(address);
  }

  /** Moves on by `count` elements. The cursor reads whole vectors again. */
  skip(count: Local): void {
    const { code, address } = this;
    if (this.access === Access.single) return;
    code.get(address).get(count).get(this.step).op("i32Mul", "i32Add").set(address);
    this.start(address);
  }

  private storeLane(base: Local, vector: Local, i: number): void {
    const { code } = this;
    const dense = this.access === Access.dense;
    code.get(base);
    if (i > 0 && !dense) code.get(this.lanes[i - 1]!).op("i32Add");
    code.get(vector).laneAt("v128Store32Lane", i, dense ? 4 * i : 0);
  }

  private from(ahead: number): Local {
    if (ahead === 0) return this.address;
    const { code, base } = this;
    code
      .get(this.step)
      .i32(4 * ahead)
      .op("i32Mul")
      .get(this.address)
      .op("i32Add")
      .set(base);
    return base;
  }
}
