import { defineMessages } from "../frame/language";

/** The names of the schedules, as readers see them. */
export const scheduleMessages = defineMessages({
  en: {
    constant: "Constant",
    step: "Steps (StepLR)",
    exponential: "Exponential (ExponentialLR)",
    cosine: "Cosine (CosineAnnealingLR)",
    warmup: "Warm-up, then cosine (SequentialLR)",
    restarts: "Restarts (CosineAnnealingWarmRestarts)",
    oneCycle: "One cycle (OneCycleLR)",
    cyclic: "Up and down (CyclicLR)",
    plateau: "When stuck (ReduceLROnPlateau)",
  },
  zh: {
    constant: "不变",
    step: "分段下降（StepLR）",
    exponential: "指数下降（ExponentialLR）",
    cosine: "余弦下降（CosineAnnealingLR）",
    warmup: "先热身再余弦（SequentialLR）",
    restarts: "反复重启（CosineAnnealingWarmRestarts）",
    oneCycle: "一起一落（OneCycleLR）",
    cyclic: "反复起落（CyclicLR）",
    plateau: "停滞才降（ReduceLROnPlateau）",
  },
});
