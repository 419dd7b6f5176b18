import { defineMessages } from "../../frame/language";

/** The texts of the figures. */
export const messages = defineMessages({
  en: {
    title: {
      sum: "c = w·x + w·y, and loss = c²",
      network: "Two layers: ŷ = v₁·tanh(w₁·x) + v₂·tanh(w₂·x), and loss = (ŷ − t)²",
    },
    graph: "Graph of the calculation",
    inputs: "Numbers of the calculation",
    value: "value",
    gradient: "gradient",
    start: "The leaves have their values. Step forward, and the operations get theirs.",
    forward: (name: string, operands: string, value: string) =>
      `Forward: ${name} of ${operands} is ${value}.`,
    seed: "The gradient of the loss by itself is 1. From here it goes backward.",
    backward: (name: string, list: string) => `Backward: ${name} passes on ${list}.`,
    part: (gradient: string, derivative: string, part: string, name: string) =>
      `${gradient} × ${derivative} = ${part} to ${name}`,
    and: ", ",
    loss: "the loss",
    check: "Check numerically",
    checking: "Measuring …",
    number: "number",
    byBackward: "by backward",
    byDifference: "(loss(w + ε) − loss(w)) / ε",
    off: "difference",
    cost: (parameters: string, loss: string, difference: string, backward: string) =>
      `The differences need the loss once more for every number. A network of ${parameters} parameters computes its loss in ${loss} here; for all its gradients by differences it would need ${difference}. Backward, with the loss, takes ${backward}.`,
    milliseconds: (value: string) => `${value} ms`,
    seconds: (value: string) => `${value} s`,
    minutes: (value: string) => `${value} minutes`,
    hours: (value: string) => `${value} hours`,
    caption: {
      sum: "Arrows carry the derivative of the result by the operand. Two paths lead back to w: what comes along them is added.",
      network:
        "The same rules, and nothing else, for a network. Change a number: the graph is recorded and walked anew by the library.",
    },
  },
  zh: {
    title: {
      sum: "c = w·x + w·y，loss = c²",
      network: "两层网络：ŷ = v₁·tanh(w₁·x) + v₂·tanh(w₂·x)，loss = (ŷ − t)²",
    },
    graph: "计算图",
    inputs: "参与计算的数",
    value: "值",
    gradient: "梯度",
    start: "叶子上的数是给定的。往前走一步，运算就一个个得出自己的值。",
    forward: (name: string, operands: string, value: string) =>
      `前向：${operands} 经过 ${name}，得 ${value}。`,
    seed: "损失对自己的梯度是 1。从这里开始往回走。",
    backward: (name: string, list: string) => `反向：${name} 往回传 ${list}。`,
    part: (gradient: string, derivative: string, part: string, name: string) =>
      `${gradient} × ${derivative} = ${part} 给 ${name}`,
    and: "，",
    loss: "损失",
    check: "用数值检验",
    checking: "正在测量……",
    number: "数",
    byBackward: "反向传播",
    byDifference: "(loss(w + ε) − loss(w)) / ε",
    off: "相差",
    cost: (parameters: string, loss: string, difference: string, backward: string) =>
      `用差分的办法，每个数都得把损失重算一遍。一个有 ${parameters} 个参数的网络，在这台机器上算一次损失要 ${loss}；要靠差分求出全部梯度，得花 ${difference}。反向传播连损失一起算，只要 ${backward}。`,
    milliseconds: (value: string) => `${value} 毫秒`,
    seconds: (value: string) => `${value} 秒`,
    minutes: (value: string) => `${value} 分钟`,
    hours: (value: string) => `${value} 小时`,
    caption: {
      sum: "箭头上写的是结果对这个数的导数。回到 w 有两条路，两条路上传回来的要加在一起。",
      network: "换成网络，规矩还是这些，一条也没多。改一个数，库就重新记一遍图，再走一遍。",
    },
  },
});
