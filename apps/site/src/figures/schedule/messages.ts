import { defineMessages } from "../../frame/language";

/** The texts of the figure. */
export const messages = defineMessages({
  en: {
    title: "Large steps to get there, small ones to arrive",
    schedule: "Schedule",
    rate: "Highest rate",
    noise: "Error of the slope",
    seed: "Other errors",
    mapLabel: "Map of the ravine, and the path of one walker",
    rateLabel: "Rate by step",
    lossLabel: "Mean loss of 100 walkers by step, with the schedule and with a constant rate",
    step: "Step",
    rateAxis: "Rate",
    loss: "Mean loss",
    lossNow: "Mean loss now",
    lossThen: "at a constant rate",
    rateNow: "Rate now",
    chosen: "this schedule",
    constant: "constant rate",
    limit: "2/λmax",
    diverged: "With this rate the walkers leave the ravine before the schedule can help.",
    caption:
      "Each slope is measured with an error, as it is when only a part of the data is looked at. The map shows one walker; the loss is the mean of a hundred.",
    said: (step: number, rate: string, loss: string, constant: string) =>
      `Step ${step}: rate ${rate}, mean loss ${loss}; with a constant rate ${constant}`,
  },
  zh: {
    title: "赶路要大步，到站要小步",
    schedule: "调度",
    rate: "最高学习率",
    noise: "坡度的误差",
    seed: "换一批误差",
    mapLabel: "山沟的等高线图，和其中一个人走过的路",
    rateLabel: "每一步的学习率",
    lossLabel: "一百个人的平均损失：用这种调度，和学习率不变",
    step: "步数",
    rateAxis: "学习率",
    loss: "平均损失",
    lossNow: "现在的平均损失",
    lossThen: "学习率不变时",
    rateNow: "现在的学习率",
    chosen: "这种调度",
    constant: "学习率不变",
    limit: "2/λmax",
    diverged: "学习率太大，还没等调度起作用，人就已经飞出山沟了。",
    caption: "每次量坡度都有误差，就像只看了一部分数据。地图上画的是其中一个人，损失是一百个人的平均。",
    said: (step: number, rate: string, loss: string, constant: string) =>
      `第 ${step} 步：学习率 ${rate}，平均损失 ${loss}；学习率不变时 ${constant}`,
  },
});
