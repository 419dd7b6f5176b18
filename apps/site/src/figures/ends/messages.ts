import { defineMessages } from "../../frame/language";

/** The texts of the figure. */
export const messages = defineMessages({
  en: {
    title: "Two hundred walkers, one start, and luck",
    mapLabel: "Map of the loss over frequency and phase, and where 200 walkers have ended",
    histogramLabel: "How many walkers ended at which frequency",
    tableLabel: "Share of walkers that end in the deepest valley, by batch size and learning rate",
    frequency: "frequency",
    phase: "phase",
    walkers: "walkers",
    batch: "Batch",
    rate: "Rate",
    seed: "Other batches",
    deep: "in the deepest valley",
    elsewhere: "elsewhere",
    outside: (count: number) => `${count} beyond the edge`,
    waiting: "…",
    caption:
      "All start in the ring, walk 320 steps, and differ only in the order of their batches. Each cell of the table is such a crowd: choose one to see where it ended. Click on the map to start elsewhere.",
    cell: (share: string, batch: number, rate: number) =>
      `${share} with batches of ${batch} and the rate ${rate}`,
    said: (batch: number, rate: number, share: string) =>
      `Batches of ${batch}, rate ${rate}: ${share} of 200 walkers end in the deepest valley`,
  },
  zh: {
    title: "两百个人，同一个起点，各凭运气",
    mapLabel: "损失在频率和相位上的等高线图，和 200 个人最后的位置",
    histogramLabel: "走到各个频率的人数",
    tableLabel: "走进最深山谷的人占多少，按批大小和学习率",
    frequency: "频率",
    phase: "相位",
    walkers: "人数",
    batch: "批大小",
    rate: "学习率",
    seed: "换一批批次",
    deep: "在最深的山谷里",
    elsewhere: "在别处",
    outside: (count: number) => `图外还有 ${count} 人`,
    waiting: "……",
    caption:
      "所有人都从圆圈出发，走 320 步，不同的只是各人批次的先后。表里每一格都是这样一群人，点一格，看他们最后走到了哪儿。点一下地图，可以换个起点。",
    cell: (share: string, batch: number, rate: number) => `${share}，批大小 ${batch}，学习率 ${rate}`,
    said: (batch: number, rate: number, share: string) =>
      `批大小 ${batch}，学习率 ${rate}：200 个人里有 ${share} 走进最深的山谷`,
  },
});
