import { stack, type Tensor } from "@thalweg/tensor";
import { checkArguments, kind, list, string, tensorKind } from "@thalweg/tensor/internal";
import { CsvError, listed } from "./csv-error";

const record = kind("an object", (value) => typeof value === "object" && value !== null);

/** A table of numbers with named columns. */
export class CsvTable {
  /** Names of the columns, from left to right. */
  readonly columns: readonly string[];
  /** The numbers: [rows, columns]. */
  readonly data: Tensor;
  /**
   * The categories of each column of texts, by its name: the text at position `k` is class `k`, or belongs to
   * the `k`-th of the columns that replace it. Pass it to {@link readCsv} to give another text the same numbers.
   */
  readonly categories: Readonly<Record<string, readonly string[]>>;

  /** @internal */
  constructor(
    columns: readonly string[],
    data: Tensor,
    categories: Readonly<Record<string, readonly string[]>>,
  ) {
    checkArguments("CsvTable", { columns: list(string), data: tensorKind, categories: record }, [
      columns,
      data,
      categories,
    ]);
    this.columns = columns;
    this.data = data;
    this.categories = categories;
    this.byName = positionsOf(columns);
  }

  /** Number of rows. */
  get rows(): number {
    return this.data.shape[0]!;
  }

  /**
   * One column: [rows]. A view.
   *
   * @throws CsvError when no column has that name.
   * @example
   * readCsv("speed,dist\n4,2\n7,4").column("dist").toArray(); // → [2,4]
   */
  column(name: string): Tensor {
    checkArguments("column", { name: string }, [name]);
    return this.data.select(1, findColumn("column", name, this.byName));
  }

  /**
   * Several columns in the given order: [rows, names.length]. A copy.
   *
   * @throws CsvError when a name is not that of a column, or there are none.
   * @example
   * readCsv("a,b,c\n1,2,3").select(["c", "a"]).toArray(); // → [[3,1]]
   */
  select(names: readonly string[]): Tensor {
    checkArguments("select", { names: list(string) }, [names]);
    if (names.length === 0) throw new CsvError("select", "there are no names", "pass at least one");
    const chosen = names.map((name) => findColumn("select", name, this.byName));
    return stack(
      chosen.map((position) => this.data.select(1, position)),
      1,
    );
  }

  /**
   * The positions of columns, for a {@link ColumnTransformer} for instance.
   *
   * @throws CsvError when a name is not that of a column.
   * @example
   * readCsv("a,b,c\n1,2,3").positions(["c", "a"]); // → [2,0]
   */
  positions(names: readonly string[]): number[] {
    checkArguments("positions", { names: list(string) }, [names]);
    return names.map((name) => findColumn("positions", name, this.byName));
  }

  private readonly byName: ReadonlyMap<string, number>;
}

/** The position of each column; the first one where several share a name. */
export function positionsOf(columns: readonly string[]): Map<string, number> {
  const positions = new Map<string, number>();
  columns.forEach((name, k) => {
    if (!positions.has(name)) positions.set(name, k);
  });
  return positions;
}

/** Position of a column; throws an error that lists the existing ones. */
export function findColumn(op: string, name: string, positions: ReadonlyMap<string, number>): number {
  const position = positions.get(name);
  if (position !== undefined) return position;
  throw new CsvError(
    op,
    `there is no column ${JSON.stringify(name)}, the table has ${listed([...positions.keys()])}`,
    "name one of these",
    { column: name },
  );
}
