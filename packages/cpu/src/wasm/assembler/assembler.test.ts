import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { argumentsAddress } from "../runtime/addresses";
import { Runtime } from "../runtime/runtime";
import { Assembler } from "./assembler";
import { signed, type, unsigned } from "./instructions";

describe("numbers of the binary format", () => {
  test.prop([fc.integer({ min: 0, max: 2 ** 31 - 1 })])("unsigned ones are read back", (value) => {
    const read = unsigned(value).reduceRight((high, byte) => high * 128 + (byte & 127), 0);
    expect(read).toBe(value);
  });

  test.prop([fc.integer()])("signed ones are read back", (value) => {
    const bytes = signed(value);
    const read = bytes.reduceRight((high, byte) => high * 128n + BigInt(byte & 127), 0n);
    expect(Number(BigInt.asIntN(7 * bytes.length, read))).toBe(value);
  });
});

describe("Assembler", () => {
  it("makes modules that run on the shared memory", () => {
    const runtime = new Runtime({ shared: true, maximum: 2 ** 23, budget: 2 ** 22 });
    const assembler = new Assembler();
    const double = assembler.function(null, [type.v128], [type.v128], (code, x) => {
      code.get(x).get(x).op("f32x4Add");
    });
    assembler.function("run", [type.i32, type.i32, type.i32], [], (code, args, from, to) => {
      const at = code.local(type.i32);
      code.get(args).at("i32Load").get(from).i32(4).op("i32Shl", "i32Add").set(at);
      code.block((done) => {
        code.loop((again) => {
          code.get(from).get(to).op("i32GeS").branchIf(done);
          code.get(at).get(at).at("v128Load").call(double).at("v128Store");
          code.get(at).i32(16).op("i32Add").set(at);
          code.get(from).i32(1).op("i32Add").set(from).branch(again);
        });
      });
    });
    const kernel = runtime.compile(assembler);
    const start = 2 ** 20;
    runtime.floats.set([1, 2, 3, 4, 5, 6, 7, 8, 9], start / 4);
    runtime.words[argumentsAddress / 4] = start;
    runtime.launch(kernel, 2, 1);
    expect([...runtime.floats.subarray(start / 4, start / 4 + 9)]).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 9]);
  });
});
