import { defineMessages } from "../../frame/language";

/** The texts of the figure. */
export const messages = defineMessages({
  en: {
    title: "The loss of every line, and a walk down",
    view: "View",
    map: "Map",
    relief: "Relief",
    rate: "Learning rate",
    mapLabel: "Map of the loss over w and b",
    reliefLabel: "Relief of the loss over w and b. Arrow keys turn it.",
    dataLabel: "The data, and the line",
    pointLabel: (i: number) => `Data point ${i}`,
    at: (x: string, y: string) => `${x} and ${y}`,
    curveLabel: "Loss by step",
    step: "Step",
    loss: "Loss",
    slopeW: "Slope along w",
    slopeB: "Slope along b",
    steepest: "steepest descent",
    next: "next step",
    diverged: (step: number, loss: string) =>
      `Diverged: after ${step} steps the loss is ${loss}, ten thousand times that of the start. A smaller learning rate helps.`,
    caption:
      "Click on the map to choose the start. Drag the data points, and the whole landscape changes under the walker. Arrow keys move whatever has the focus.",
    said: (step: number, w: string, b: string, loss: string) => `Step ${step}: w ${w}, b ${b}, loss ${loss}`,
  },
  zh: {
    title: "每条直线的损失，和一条下山的路",
    view: "视图",
    map: "地图",
    relief: "立体",
    rate: "学习率",
    mapLabel: "损失在 w 和 b 上的等高线图",
    reliefLabel: "损失在 w 和 b 上的立体图，可用方向键转动",
    dataLabel: "数据和直线",
    pointLabel: (i: number) => `数据点 ${i}`,
    at: (x: string, y: string) => `${x}，${y}`,
    curveLabel: "每一步的损失",
    step: "步数",
    loss: "损失",
    slopeW: "沿 w 的斜率",
    slopeB: "沿 b 的斜率",
    steepest: "最陡下降方向",
    next: "下一步",
    diverged: (step: number, loss: string) =>
      `发散了：走了 ${step} 步，损失涨到 ${loss}，是起点的一万倍。把学习率调小试试。`,
    caption: "点一下地图就换个起点；拖动数据点，走路人脚下的整片地形都会跟着变。选中的东西也能用方向键移动。",
    said: (step: number, w: string, b: string, loss: string) => `第 ${step} 步：w ${w}，b ${b}，损失 ${loss}`,
  },
});
