import { fc, test } from "@fast-check/vitest";
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

  it("reads the named columns, in that order, whatever the others hold", () => {
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

  it("takes numbers as people write them", () => {
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
      'row 1, column "b": "2\\n3,4\\n3,4\\n3,4\\n3,4\\n3,4\\n3,4\\n3,4\\n3,4\\n3,4\\n3,..." is not a number, in line 2',
      { row: 1, line: 2 },
    ],
    [
      "a quote that closes too early",
      'a,b\n1,"2"3\n4,5',
      {},
      "row 1: 3 cells where the header has 2",
      { row: 1 },
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
      "what is not text",
      null as unknown as string,
      {},
      "expects the text of a table, got object; read the file first",
      {},
    ],
  ];

  it.each(cases)("%s", (_, text, options, message, fields) => {
    const read = () => readCsv(text, options);
    expect(read).toThrow(CsvError);
    expect(read).toThrow(`readCsv: ${message}`);
    expect(read).toThrow(expect.objectContaining({ op: "readCsv", ...fields }));
  });

  it("a column of a table that is not there", () => {
    const table = readCsv("a\n1");
    expect(() => table.column("b")).toThrow(
      'column: there is no column "b", the table has "a"; name one of these',
    );
  });
});
