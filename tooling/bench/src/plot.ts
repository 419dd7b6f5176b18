import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

export interface Point {
  readonly operation: string;
  readonly library: string;
  readonly size: number;
  readonly nanoseconds: number;
}

/**
 * Cost of an element against the number of elements, one line for each library, as SVG. Vega-Lite draws it:
 * small multiples on logarithmic axes are one page of data, and it needs no DOM.
 */
export function plot(points: readonly Point[]): Promise<string> {
  const operations = [...new Set(points.map(({ operation }) => operation))];
  const decades = Array.from({ length: 12 }, (_, i) => 10 ** (i - 3));
  const spec: TopLevelSpec = {
    title: "Cost of an element (float32)",
    data: { values: points.map((point) => ({ ...point })) },
    facet: {
      field: "operation",
      type: "nominal",
      sort: operations,
      title: null,
      header: { labelFontSize: 13, labelFontWeight: "bold" },
    },
    columns: 2,
    spec: {
      width: 360,
      height: 260,
      mark: { type: "line", point: true },
      encoding: {
        x: {
          field: "size",
          type: "quantitative",
          scale: { type: "log" },
          title: "elements",
          axis: { format: "~s", values: decades },
        },
        y: {
          field: "nanoseconds",
          type: "quantitative",
          scale: { type: "log" },
          title: "nanoseconds per element",
          axis: { format: "~r", values: decades },
        },
        color: { field: "library", type: "nominal", sort: null, title: null },
      },
    },
    config: { background: "white", legend: { labelFontSize: 12, symbolType: "stroke" } },
  };
  return new View(parse(compile(spec).spec), { renderer: "none" }).toSVG();
}
