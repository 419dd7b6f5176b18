import { fc, test } from "@fast-check/vitest";
import { ArgumentError } from "@thalweg/tensor";
import { describe, expect, it } from "vitest";
import { CsvError } from "./csv-error";
import { type ReadCsvOptions, readCsv } from "./read-csv";

const cell = fc.float({ noNaN: true, noDefaultInfinity: true });
const name = fc
  .string({ minLength: 1, maxLength: 6, unit: fc.constantFrom(...'ab,"\n ; é') })
  .map((text) => `x${text}y`);
const table = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.record({
    columns: fc.uniqueArray(name, { minLength: width, maxLength: width }),
    rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
  }),
);
const style = fc.record({
  newline: fc.constantFrom("\n", "\r\n"),
  delimiter: fc.constantFrom(",", ";", "\t"),
  blank: fc.boolean(),
  bom: fc.boolean(),
  end: fc.boolean(),
});

const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;

describe("readCsv", () => {
  test.prop([table, style])(
    "reads what was written",
    ({ columns, rows }, { newline, delimiter, blank, bom, end }) => {
      const lines = [columns.map(quote), ...rows.map((row) => row.map(String))].map((cells) =>
        cells.join(delimiter),
      );
      const text =
        (bom ? "\uFEFF" : "") + lines.join(blank ? newline + newline : newline) + (end ? newline : "");
      const read = readCsv(text, { delimiter });
      expect(read.columns).toEqual(columns);
      expect(read.data.shape).toEqual([rows.length, columns.length]);
      expect(read.data.add(0).toArray()).toEqual(rows.map((row) => row.map((value) => value + 0)));
      columns.forEach((column, k) => {
        expect([...read.column(column).add(0).dataSync()]).toEqual(rows.map((row) => row[k]! + 0));
      });
    },
  );

  it("reads the named columns, in that order, whatever the others contain", () => {
    const { columns, data, rows } = readCsv("id,a,b\nx1,1,2\n,3,4", { columns: ["b", "a"] });
    expect([columns, data.toArray(), rows]).toEqual([
      ["b", "a"],
      [
        [2, 1],
        [4, 3],
      ],
      2,
    ]);
  });

  it("numbers the columns of a text without a header", () => {
    const table = readCsv("1,2\n3,4", { header: false });
    expect([table.columns, table.column("1").toArray()]).toEqual([
      ["0", "1"],
      [2, 4],
    ]);
  });

  it("accepts numbers as people write them", () => {
    expect(readCsv('a\n -1.5 \n+2\n.5\n3.\n1e3\n2E-2\n"7"').column("a").mul(100).round().toArray()).toEqual([
      -150, 200, 50, 300, 100000, 2, 700,
    ]);
  });

  it("puts chosen columns beside each other", () => {
    expect(readCsv("a,b,c\n1,2,3\n4,5,6").select(["c", "a"]).toArray()).toEqual([
      [3, 1],
      [6, 4],
    ]);
  });
});

describe("readCsv", () => {
  const delimiters = fc
    .string({ unit: "binary", minLength: 1, maxLength: 1 })
    .filter((character) => !/["\r\n\uFEFF\d]/.test(character));

  test.prop([delimiters])("separates cells by any character", (delimiter) => {
    const text = [["a", "b"].map(quote), ["1", "-2"].map(quote), ["3", "4"]];
    const { columns, data } = readCsv(text.map((row) => row.join(delimiter)).join("\n"), { delimiter });
    expect([columns, data.toArray()]).toEqual([
      ["a", "b"],
      [
        [1, -2],
        [3, 4],
      ],
    ]);
  });

  it.each([..."-^$.*+?()[]{}|\\/'xs \t\u0000é", "😀"])("separates cells by %j", (delimiter) => {
    const text = `A${delimiter}B\n1${delimiter}2\n3${delimiter}4`;
    expect(readCsv(text, { delimiter }).data.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it.each(["\n", "\r\n", "\r"])("accepts lines that end with %j, in quotes too", (end) => {
    const text = ['"a', 'b",c', "1,2", '"x', 'y",3'].join(end);
    const read = () => readCsv(text);
    expect(read).toThrow('row 2, column "a\\nb": "x\\ny" is not a number, in line 4 of the text');
  });
});

describe("readCsv refuses", () => {
  const cases: [string, string, ReadCsvOptions, string, Partial<CsvError>][] = [
    [
      "an unknown column",
      "a,b\n1,2",
      { columns: ["a", "wait"] },
      'there is no column "wait", the table has "a", "b"; name one of these',
      { column: "wait" },
    ],
    [
      "a cell that is not a number",
      "eruptions,waiting\n1,2\n\n3,4\n5,abc",
      {},
      'row 3, column "waiting": "abc" is not a number, in line 5 of the text; correct it, or leave the column out',
      { row: 3, column: "waiting", line: 5 },
    ],
    ["NaN", "a\nNaN", {}, 'row 1, column "a": "NaN" is not a number', { row: 1 }],
    ["a number too large", "a\n1e39", {}, 'row 1, column "a": "1e39" is too large for float32', { row: 1 }],
    [
      "an empty cell",
      "a,b\n1,\n",
      {},
      'row 1, column "b": the cell is empty, in line 2 of the text',
      { row: 1, column: "b" },
    ],
    [
      "a short row",
      "a,b\n1,2\n3",
      {},
      "row 2: 1 cell where the header has 2, in line 3 of the text; give every row the same number of cells",
      { row: 2, line: 3 },
    ],
    [
      "a long row",
      "1,2\n3,4,5",
      { header: false },
      "row 2: 3 cells where row 1 has 2, in line 2 of the text",
      { row: 2 },
    ],
    ["no text", " \n", {}, "the table is empty, the text has no lines; check the file", {}],
    [
      "a header alone",
      "a,b\n",
      {},
      "the table is empty, there are no rows below the header; add rows of numbers",
      {},
    ],
    [
      "a name given twice",
      "a,b,a\n1,2,3",
      {},
      'two columns have the name "a"; rename one of them',
      { column: "a" },
    ],
    [
      "an open quote",
      `a,b\n1,"2\n${"3,4\n".repeat(20)}`,
      {},
      "the quotes of a cell are not closed, in the row of line 2 of the text; write a quote within a quoted cell twice",
      { line: 2 },
    ],
    [
      "a quote that closes too early",
      'a,b\n1,"2"3\n4,5',
      {},
      "text follows the closing quote of a cell, in the row of line 2 of the text; write a quote",
      { line: 2 },
    ],
    [
      "a cell below rows of several lines",
      '"a\nb",c\r\n1,2\r\n3,x',
      {},
      'row 2, column "c": "x" is',
      { line: 4 },
    ],
    [
      "a delimiter of several characters",
      "a",
      { delimiter: ", " },
      'the delimiter must be one character, got ", "; pass "," or ";" or "\\t"',
      {},
    ],
    [
      "a long text in a cell",
      `a\n${"x".repeat(50)}`,
      {},
      `row 1, column "a": "${"x".repeat(40)}..." is not a number`,
      { row: 1 },
    ],
    [
      "a trailing delimiter, whatever stands for missing values",
      "a,b,\n1,2,\n3,4,",
      { missing: 0 },
      'column "" has no value at all; leave it out',
      { column: "" },
    ],
    [
      "one in the data alone",
      "a,b\n1,2,\n",
      { missing: 0 },
      "row 1: 3 cells where the header has 2",
      { row: 1 },
    ],
    [
      "a cell without a value",
      "a\nNA",
      {},
      'row 1, column "a": "NA" is not a number, in line 2 of the text; correct it, or leave the column out, or pass missing: "drop", "keep", "mean" or a number',
      { row: 1 },
    ],
    [
      "a text without a value",
      "a,b\n1,NA",
      { categories: ["b"], missing: 0 },
      'row 1, column "b": "NA" means that there is no value, in line 2 of the text; pass missing: { "b": "drop" }, or naValues: [] if',
      { row: 1, column: "b" },
    ],
    [
      "rows of which none is left",
      "a\nNA",
      { missing: "drop" },
      "the table is empty, no row has all values; leave columns out",
      {},
    ],
    [
      "the mean of nothing",
      "a,b\nNA,1",
      { missing: "mean" },
      'column "a" has no value at all; leave it out',
      { column: "a" },
    ],
    [
      "a cell that is not a number in a row that is left out",
      "a,b\nNA,x",
      { missing: "drop" },
      'row 1, column "b": "x" is not a number',
      { row: 1, column: "b" },
    ],
    [
      "a rule for a column that is not there",
      "a\n1",
      { missing: { b: "drop" } },
      'there is no column "b", the table has "a"',
      { column: "b" },
    ],
    [
      "the mean of texts",
      "a\nx",
      { missing: { a: "mean" }, categories: ["a"] },
      'column "a" holds texts, and missing is "mean"; pass "drop", "keep" or "error"',
      { column: "a" },
    ],
    [
      "texts of a column that is not there",
      "a\n1",
      { oneHot: ["b"] },
      'there is no column "b", the table has "a"',
      { column: "b" },
    ],
    [
      "a text that is not one of the categories",
      "a\nx\ny",
      { categories: { a: ["x", "z"] } },
      'row 2, column "a": "y" is not one of the categories, "x", "z", in line 3 of the text; add it to them',
      { row: 2, column: "a" },
    ],
    [
      "categories that are listed twice",
      "a\nx",
      { categories: { a: ["x", "x"] } },
      'the categories of "a": "x" is listed twice; list each once',
      { column: "a" },
    ],
    [
      "one-hot columns under a name that is there",
      "a,a=x\nx,1",
      { oneHot: ["a"] },
      'two columns have the name "a=x"; rename one of them',
      { column: "a=x" },
    ],
    [
      "more categories than can be one-hot",
      `a\n${Array.from({ length: 1001 }, (_, k) => `c${k}`).join("\n")}`,
      { oneHot: ["a"] },
      'column "a" has 1001 categories, more than the 1000 that can be one-hot; use class numbers, and an Embedding',
      { column: "a" },
    ],
    [
      "groups that are not of three digits",
      "a\n1.5",
      { decimal: ",", thousands: "." },
      'row 1, column "a": "1.5" is not a number',
      { row: 1 },
    ],
    [
      "a point where there are decimal commas",
      "a;b\n1.5;2",
      { decimal: ",", delimiter: ";" },
      'row 1, column "a": "1.5" is not a number',
      { row: 1 },
    ],
    [
      "one separator for two things",
      "a\n1",
      { thousands: "." },
      'decimal and thousands are the same, "." both; pass decimal: ","',
      {},
    ],
  ];

  it.each(cases)("%s", (_, text, options, message, fields) => {
    const read = () => readCsv(text, options);
    expect(read).toThrow(CsvError);
    expect(read).toThrow(`readCsv: ${message}`);
    expect(read).toThrow(expect.objectContaining({ op: "readCsv", ...fields }));
  });

  it("options that do not exist, and values of other types", () => {
    const wrong = (text: unknown, options?: unknown) => () =>
      readCsv(text as string, options as ReadCsvOptions);
    expect(wrong(null)).toThrow(ArgumentError);
    expect(wrong(null)).toThrow("readCsv: text must be a string, got null; call it as readCsv(text, {");
    expect(wrong("a", { delimeter: ";" })).toThrow(
      'readCsv: there is no option "delimeter"; did you mean delimiter? options: columns, header,',
    );
    expect(wrong("a", ";")).toThrow('readCsv: options must be an object of options, got ";"');
    expect(wrong("a", { delimiter: 1 })).toThrow("readCsv: delimiter must be one character, got 1");
    expect(wrong("a", { missing: "zero" })).toThrow(
      'readCsv: missing must be "error" or "drop" or "keep" or "mean", ',
    );
    expect(wrong("a", { missing: 1e300 })).toThrow("readCsv: missing must be ");
    expect(wrong("a", { thousands: "0" })).toThrow(
      "readCsv: thousands must be one character that is neither",
    );
    expect(wrong("a", { categories: { a: "x" } })).toThrow(
      "readCsv: categories must be an array, each element a string, ",
    );
  });

  it("lists no more than twenty names", () => {
    const names = Array.from({ length: 25 }, (_, k) => `c${k}`);
    const read = () => readCsv(`${names.join()}\n${names.map(() => 1).join()}`, { columns: ["x"] });
    expect(read).toThrow('there is no column "x", the table has "c0", ');
    expect(read).toThrow('"c19" and 5 more; name one of these');
  });

  it("a column of a table that is not there", () => {
    const table = readCsv("a\n1");
    expect(() => table.column("b")).toThrow(
      'column: there is no column "b", the table has "a"; name one of these',
    );
  });
});
