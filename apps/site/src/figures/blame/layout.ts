import { Graph, layout } from "@dagrejs/dagre";
import type { Trace } from "./program";

const boxHeight = 62;
/** Boxes in which gradients meet have room for their sum. */
const widths = { plain: 88, meeting: 176 };

/** A box: its middle and its size. */
export interface PlacedBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a graph's boxes and arrows are drawn. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  /** The bends of each arrow, and the middle of its label. */
  readonly arrows: readonly {
    readonly points: readonly { readonly x: number; readonly y: number }[];
    readonly x: number;
    readonly y: number;
  }[];
}

/** Places a graph, from left to right or from top to bottom. */
export function layOut({ boxes, arrows }: Trace, direction: "LR" | "TB"): Layout {
  const graph = new Graph({ multigraph: true });
  const isWide = direction === "LR";
  graph.setGraph({
    rankdir: direction,
    nodesep: isWide ? 22 : 12,
    ranksep: 26,
    edgesep: 10,
    marginx: 2,
    marginy: 2,
  });
  boxes.forEach((_, i) => {
    const uses = arrows.filter(({ from }) => from === i).length;
    graph.setNode(String(i), { width: uses > 1 ? widths.meeting : widths.plain, height: boxHeight });
  });
  arrows.forEach(({ from, to }, i) => {
    graph.setEdge(
      String(from),
      String(to),
      { width: isWide ? 46 : 30, height: 18, labelpos: "c" },
      String(i),
    );
  });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    boxes: boxes.map((_, i) => graph.node(String(i)) as PlacedBox),
    arrows: arrows.map(
      ({ from, to }, i) => graph.edge(String(from), String(to), String(i)) as Layout["arrows"][number],
    ),
  };
}
