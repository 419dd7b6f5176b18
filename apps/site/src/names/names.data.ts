import { linksOf } from "./links";
import { ourNames } from "./ours";
import { type Row, table, version } from "./table";

/** A line of the table, with the place of its name in the reference. */
export interface LinkedRow extends Row {
  readonly link?: string;
}

/** What the table shows. */
export interface TableData {
  readonly version: string;
  readonly rows: readonly LinkedRow[];
}

declare const data: TableData;

export { data };

export default {
  /** Runs when the site is built. */
  load(): TableData {
    const ours = ourNames();
    const linkOf = linksOf(ours);
    const rows = table(ours).map((row) =>
      row.ours === undefined ? row : { ...row, link: linkOf(row.ours) },
    );
    return { version: version.replace(/a\d*$/, ""), rows };
  },
};
