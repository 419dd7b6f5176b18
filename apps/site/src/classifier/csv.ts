import { CsvError, readCsv } from "thalweg";
import { type Example, limits, reach } from "./settings";

/** What is wrong with a text, and in which line. */
export interface Fault {
  /**
   * A cell that is no number, or no class; a line that has not three values; a text without points; one with too many; a header
   * that names other columns.
   */
  readonly kind: "number" | "class" | "row" | "empty" | "many" | "header";
  readonly line?: number;
  readonly column?: string;
}

/** Examples that were read, and whether they were moved and scaled to fit the plane. */
export interface Pasted {
  readonly examples: readonly Example[];
  readonly isScaled: boolean;
}

const header = "x,y,class";
const hasHeader = (text: string) => /^\s*"?[a-z]/i.test(text);

function faultOf({ line, column, row }: CsvError, firstLine: number): Fault {
  if (line === undefined) return { kind: column === undefined ? "empty" : "header" };
  const at = line - firstLine;
  if (column === undefined || row === undefined) return { kind: "row", line: at };
  return { kind: column === "class" ? "class" : "number", line: at, column };
}

/** Moves and scales coordinates so that all lie on the plane, if they do not. */
function fitted(examples: readonly Example[]): Pasted {
  const isScaled = examples.some(([x, y]) => Math.max(Math.abs(x), Math.abs(y)) > reach);
  if (!isScaled) return { examples, isScaled };
  const fit = (values: readonly number[]) => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const scale = high > low ? (0.9 * 2 * reach) / (high - low) : 1;
    return (value: number) => Number(((value - (low + high) / 2) * scale).toFixed(3));
  };
  const [x, y] = [fit(examples.map((one) => one[0])), fit(examples.map((one) => one[1]))];
  return { examples: examples.map((one) => [x(one[0]), y(one[1]), one[2]]), isScaled };
}

/** Reads examples, one `x,y,class` a line; the first line may name the columns. */
export function readExamples(text: string): Pasted | Fault {
  const isNamed = hasHeader(text);
  try {
    const table = readCsv(isNamed ? text : `${header}\n${text}`, {
      columns: header.split(","),
      categories: { class: ["0", "1"] },
    });
    if (table.rows > limits.own) return { kind: "many" };
    const rows = table.data.toArray() as unknown as [number, number, 0 | 1][];
    return fitted(rows.map(([x, y, kind]) => [brief(x), brief(y), kind]));
  } catch (error) {
    if (error instanceof CsvError) return faultOf(error, isNamed ? 0 : 1);
    throw error;
  }
}

/** As few digits as float32 needs, for a short address. */
const brief = (value: number) => Number(value.toPrecision(5));
