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
 * small multiples on logarithmic axes are a page of data to it, and it needs no DOM.
 */
export function plot(points: readonly Point[]): Promise<string> {
  const logarithmic = { type: "log" } as const;
  const spec: TopLevelSpec = {
    title: "Cost of an element (float32)",
    data: { values: points.map((point) => ({ ...point })) },
    facet: {
      field: "operation",
      type: "nominal",
      sort: null,
      title: null,
      header: { labelFontSize: 13, labelFontWeight: "bold" },
    },
    columns: 2,
    spec: {
      width: 360,
      height: 260,
      mark: { type: "line", point: true, clip: true },
      encoding: {
        x: {
          field: "size",
          type: "quantitative",
          scale: logarithmic,
          title: "elements",
          axis: { format: "~s", tickCount: 7 },
        },
        y: {
          field: "nanoseconds",
          type: "quantitative",
          scale: logarithmic,
          title: "nanoseconds per element",
          axis: { format: "~r", tickCount: 8 },
        },
        color: { field: "library", type: "nominal", sort: null, title: null },
      },
    },
    config: { background: "white", legend: { labelFontSize: 12, symbolType: "stroke" } },
  };
  return new View(parse(compile(spec).spec), { renderer: "none" }).toSVG();
}
