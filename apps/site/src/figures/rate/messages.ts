import { defineMessages } from "../../frame/language";

/** The texts of the figure. */
export const messages = defineMessages({
  en: {
    title: "One number decides: creep, zig-zag, or fly off",
    ground: "Landscape",
    bowl: "Bowl",
    ravine: "Ravine",
    line: "Line of chapter 1",
    rate: "Learning rate",
    limit: (value: string) => `2/λmax = ${value}`,
    creeps: "straight",
    zigzags: "zig-zag",
    diverges: "diverges",
    mapLabel: "Map of the loss, and the walk",
    curveLabel: "Loss by step",
    step: "Step",
    loss: "Loss",
    steepest: "largest curvature λmax",
    flattest: "smallest curvature λmin",
    factor: "What a step does to the distance: × (1 − ηλ)",
    steep: "steep",
    flat: "flat",
    diverged: (step: number, loss: string) =>
      `Diverged: after ${step} steps the loss is ${loss}. Along the steep direction each step lands farther from the bottom than the last.`,
    caption:
      "The red mark is where the walk stops arriving: 2 divided by the largest curvature, which the library finds by differentiating twice. Click on the map to start elsewhere.",
    said: (step: number, x: string, y: string, loss: string) => `Step ${step}: x ${x}, y ${y}, loss ${loss}`,
  },
  zh: {
    title: "一个数说了算：慢慢挪、来回拐，还是飞出去",
    ground: "地形",
    bowl: "碗",
    ravine: "山沟",
    line: "第一章的直线",
    rate: "学习率",
    limit: (value: string) => `2/λmax = ${value}`,
    creeps: "直着走",
    zigzags: "来回拐",
    diverges: "发散",
    mapLabel: "损失的等高线图，和走过的路",
    curveLabel: "每一步的损失",
    step: "步数",
    loss: "损失",
    steepest: "最大曲率 λmax",
    flattest: "最小曲率 λmin",
    factor: "每走一步，离谷底的距离 ×(1 − ηλ)",
    steep: "陡",
    flat: "缓",
    diverged: (step: number, loss: string) =>
      `发散了：走了 ${step} 步，损失是 ${loss}。在陡的方向上，每一步都落得比上一步离谷底更远。`,
    caption:
      "红线是分界：2 除以最大曲率，过了它就再也走不到底。曲率是库求两次导数算出来的。点一下地图，可以换个起点。",
    said: (step: number, x: string, y: string, loss: string) => `第 ${step} 步：x ${x}，y ${y}，损失 ${loss}`,
  },
});
