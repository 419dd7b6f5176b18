import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { type ReadCsvOptions, readCsv } from "./read-csv";

describe("missing values", () => {
  const text = "a,b,c\n1,2,x\nNA,4,y\n,6,y\n7,null,x";

  it("are left out with their rows", () => {
    const { data, rows } = readCsv(text, { columns: ["a", "b"], missing: "drop" });
    expect([data.toArray(), rows]).toEqual([[[1, 2]], 1]);
  });

  it("become the mean of the other values", () => {
    const { data } = readCsv(text, { columns: ["a", "b"], missing: "mean" });
    expect(data.toArray()).toEqual([
      [1, 2],
      [4, 4],
      [4, 6],
      [7, 4],
    ]);
  });

  it("become a number", () => {
    expect(
      readCsv(text, { columns: ["a", "b"], missing: -1 })
        .column("a")
        .toArray(),
    ).toEqual([1, -1, -1, 7]);
  });

  it("have a rule for each column; the mean is that of the remaining rows", () => {
    const { data } = readCsv(text, { columns: ["a", "b"], missing: { a: "mean", b: "drop" } });
    expect(data.toArray()).toEqual([
      [1, 2],
      [1, 4],
      [1, 6],
    ]);
  });

  it("become NaN, also in a column without any value, and among class numbers", () => {
    const { data, categories } = readCsv("a,b,c\n1,,x\nNA,,\n3,,w", { missing: "keep", categories: ["c"] });
    expect(data.toArray()).toEqual([
      [1, Number.NaN, 1],
      [Number.NaN, Number.NaN, Number.NaN],
      [3, Number.NaN, 0],
    ]);
    expect(categories).toEqual({ c: ["w", "x"] });
  });

  it("cannot be kept where a column becomes several", () => {
    const oneHot = ["c"];
    expect(() => readCsv(text, { missing: { c: "keep" }, oneHot })).toThrow(
      'readCsv: column "c" is one-hot, and missing is "keep"; pass "drop" or "error"',
    );
    expect(() => readCsv("c\nx\nNA", { missing: "keep", oneHot })).toThrow(
      'readCsv: row 2, column "c": "NA" means that there is no value, in line 3 of the text; pass missing: { "c": "drop" }, or',
    );
    expect(() => readCsv(text, { missing: { c: "mean" }, categories: ["c"] })).toThrow(
      'readCsv: column "c" holds texts, and missing is "mean"; pass "drop", "keep" or "error"',
    );
  });

  it("are defined by the options, and missing texts are no categories", () => {
    const { data, categories } = readCsv("a,b\n?,u\n2,v\n3,NA", {
      naValues: ["?"],
      missing: { a: "drop" },
      categories: ["b"],
    });
    expect([data.toArray(), categories]).toEqual([
      [
        [2, 1],
        [3, 0],
      ],
      { b: ["NA", "v"] },
    ]);
  });
});

describe("texts", () => {
  const text = "id,color,size\n1,red,L\n2,blue,S\n3,red,S";

  it("become class numbers, in the order of their texts", () => {
    const { data, categories } = readCsv(text, { categories: ["color", "size"] });
    expect(data.toArray()).toEqual([
      [1, 1, 0],
      [2, 0, 1],
      [3, 1, 1],
    ]);
    expect(categories).toEqual({ color: ["blue", "red"], size: ["L", "S"] });
  });

  it("become columns of zeros and ones", () => {
    const { columns, data, categories } = readCsv(text, { oneHot: ["color"], columns: ["color", "id"] });
    expect(columns).toEqual(["color=blue", "color=red", "id"]);
    expect(data.toArray()).toEqual([
      [0, 1, 1],
      [1, 0, 2],
      [0, 1, 3],
    ]);
    expect(categories).toEqual({ color: ["blue", "red"] });
  });

  it("can have the numbers of another table", () => {
    const { categories } = readCsv(text, { columns: ["color"], categories: ["color"] });
    const other = "color\nred\nred";
    expect(readCsv(other, { categories }).data.toArray()).toEqual([[1], [1]]);
    expect(readCsv(other, { categories, oneHot: ["color"] }).data.toArray()).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(readCsv("color\nred", { categories: { color: ["red", "blue"] } }).data.toArray()).toEqual([[0]]);
  });

  const word = fc.constantFrom("__proto__", "constructor", "toString", "a", "B", "é", " ", "1");
  test.prop([
    fc.array(
      word.filter((w) => w.trim() !== ""),
      { minLength: 1, maxLength: 8 },
    ),
    word,
  ])("can be recovered from their numbers, whatever their and their column's names", (texts, column) => {
    const name = `${column}x`.trim();
    const table = readCsv([name, ...texts].join("\n"), { categories: [name] });
    expect([...table.column(name).dataSync()].map((k) => table.categories[name]![k])).toEqual(texts);
  });
});

describe("numbers in other notations", () => {
  it.each<[string, ReadCsvOptions, number[]]>([
    ["1,5;-2;,5;3,;1,5e2", { decimal: "," }, [1.5, -2, 0.5, 3, 150]],
    ["1.234,5;12;-1.234.567;1.000e1", { decimal: ",", thousands: "." }, [1234.5, 12, -1234567, 10000]],
    ["1 234.5;+12 345", { thousands: " " }, [1234.5, 12345]],
    ["1'234.5", { thousands: "'" }, [1234.5]],
    ["1\u202f234", { thousands: "\u202f" }, [1234]],
  ])("%s", (row, options, numbers) => {
    const names = numbers.map((_, k) => `c${k}`).join(";");
    const { data } = readCsv(`${names}\n${row}`, { ...options, delimiter: ";" });
    expect(data.toArray()).toEqual([numbers.map(Math.fround)]);
  });

  it("may be quoted where commas separate cells", () => {
    expect(readCsv('a,b\n"1,5",2', { decimal: "," }).data.toArray()).toEqual([[1.5, 2]]);
  });

  it.each(["1,23", "1,2345", ",123", "1,,234", "1,234,", "1234,567", "1.234,567"])(
    "%s has no groups of three digits",
    (cell) => {
      expect(() => readCsv(`a;b\n${cell};1`, { thousands: ",", delimiter: ";" })).toThrow("is not a number");
    },
  );
});
