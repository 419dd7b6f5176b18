import { stack, type Tensor } from "@thalweg/tensor";
import { CsvError } from "./csv-error";

/** A table of numbers with named columns. */
export class CsvTable {
  /** Names of the columns, from left to right. */
  readonly columns: readonly string[];
  /** The numbers: [rows, columns]. */
  readonly data: Tensor;

  /** @internal */
  constructor(columns: readonly string[], data: Tensor) {
    this.columns = columns;
    this.data = data;
  }

  /** Number of rows. */
  get rows(): number {
    return this.data.shape[0]!;
  }

  /**
   * One column: [rows]. A view.
   *
   * @throws CsvError when there is no column of that name.
   * @example
   * readCsv("speed,dist\n4,2\n7,4").column("dist").toArray(); // → [2,4]
   */
  column(name: string): Tensor {
    return this.data.select(1, findColumn("column", name, this.columns));
  }

  /**
   * Several columns in the given order: [rows, names.length]. A copy.
   *
   * @throws CsvError when there is no column of one of the names.
   * @example
   * readCsv("a,b,c\n1,2,3").select(["c", "a"]).toArray(); // → [[3,1]]
   */
  select(names: readonly string[]): Tensor {
    return stack(
      names.map((name) => this.column(name)),
      1,
    );
  }
}

/** Position of a column; throws an error that lists those there are. */
export function findColumn(op: string, name: string, columns: readonly string[]): number {
  const index = columns.indexOf(name);
  if (index === -1) {
    const names = columns.map((column) => JSON.stringify(column)).join(", ");
    throw new CsvError(
      op,
      `there is no column ${JSON.stringify(name)}, the table has ${names}`,
      "name one of these",
      {
        column: name,
      },
    );
  }
  return index;
}
