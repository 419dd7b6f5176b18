import { defineMessages } from "../../frame/language";

/** The texts of the figure. */
export const messages = defineMessages({
  en: {
    title: "What one batch believes, and where it leads",
    batch: "Batch",
    all: "64, all",
    rate: "Learning rate",
    seed: "Other batches",
    mapLabel: "Map of the loss over frequency and phase, and the walk",
    cloudLabel:
      "Slopes of 200 batches at the walker's place, the slope of all data, and that of the batch taken",
    waveLabel: "The data, and the wave of the walker",
    curveLabel: "Loss by step",
    slopeX: "slope along the frequency",
    slopeY: "slope along the phase",
    frequency: "frequency",
    phase: "phase",
    step: "Step",
    loss: "Loss",
    spread: "Spread of the slopes",
    passes: "Passes over the data",
    others: "other batches",
    mean: "all data",
    own: "this batch",
    caption:
      "Each dot is the slope that some batch measures where the walker stands. The blue arrow is the slope of all data; the walker follows the dot with the ring. Click on the map to start elsewhere.",
    said: (step: number, frequency: string, phase: string, loss: string) =>
      `Step ${step}: frequency ${frequency}, phase ${phase}, loss ${loss}`,
  },
  zh: {
    title: "一个批次怎么看，人就往哪儿走",
    batch: "批大小",
    all: "64，全部",
    rate: "学习率",
    seed: "换一批批次",
    mapLabel: "损失在频率和相位上的等高线图，和走过的路",
    cloudLabel: "此处 200 个批次量出的坡度、全部数据的坡度，以及这一步所用批次的坡度",
    waveLabel: "数据，和此刻的波",
    curveLabel: "每一步的损失",
    slopeX: "沿频率的坡度",
    slopeY: "沿相位的坡度",
    frequency: "频率",
    phase: "相位",
    step: "步数",
    loss: "损失",
    spread: "坡度的离散程度",
    passes: "看过数据的遍数",
    others: "别的批次",
    mean: "全部数据",
    own: "这个批次",
    caption:
      "每个点是一个批次在此处量出的坡度。蓝箭头是全部数据的坡度，人跟着走的是画了圈的那一个。点一下地图，可以换个起点。",
    said: (step: number, frequency: string, phase: string, loss: string) =>
      `第 ${step} 步：频率 ${frequency}，相位 ${phase}，损失 ${loss}`,
  },
});
