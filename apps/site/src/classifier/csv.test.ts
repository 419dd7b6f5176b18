import { describe, expect, test } from "vitest";
import { readExamples } from "./csv";

describe("points as CSV", () => {
  test("are read with and without a header, in any order of named columns", () => {
    const expected = {
      examples: [
        [0.5, -1, 1],
        [2, 0.25, 0],
      ],
      isScaled: false,
    };
    expect(readExamples("0.5,-1,1\n2,0.25,0")).toEqual(expected);
    expect(readExamples("x,y,class\r\n0.5,-1,1\r\n\r\n2,0.25,0\r\n")).toEqual(expected);
    expect(readExamples("class,y,x\n1,-1,0.5\n0,.25,2")).toEqual(expected);
  });

  test("are scaled to the plane when they lie outside of it", () => {
    expect(readExamples("10,1,0\n20,2,1\n15,1.5,1")).toEqual({
      examples: [
        [-2.7, -2.7, 0],
        [2.7, 2.7, 1],
        [0, 0, 1],
      ],
      isScaled: true,
    });
    expect(readExamples("10,1,0\n10,2,1")).toMatchObject({
      examples: [
        [0, -2.7, 0],
        [0, 2.7, 1],
      ],
    });
  });

  test.each([
    ["1,2,0\n1,far,1", { kind: "number", line: 2, column: "y" }],
    ["x,y,class\n1,2,0\n,1,1", { kind: "number", line: 3, column: "x" }],
    ["1,2,0\n1,2,2", { kind: "class", line: 2, column: "class" }],
    ["1,2,0\n\n1,2", { kind: "row", line: 3 }],
    ['1,2,0\n1,"2,1', { kind: "row", line: 2 }],
    ["a,b,c\n1,2,0", { kind: "header" }],
    ["", { kind: "empty" }],
    ["x,y,class", { kind: "empty" }],
    ["0,0,1\n".repeat(301), { kind: "many" }],
  ])("say what is wrong with %j", (text, fault) => {
    expect(readExamples(text)).toEqual(fault);
  });
});
