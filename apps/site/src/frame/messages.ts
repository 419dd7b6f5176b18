import { defineMessages } from "./language";

/** The texts of what all figures have. */
export const messages = defineMessages({
  en: {
    controls: "Controls",
    back: "Step back",
    step: "Step",
    run: "Run",
    pause: "Pause",
    reset: "Reset",
  },
  zh: {
    controls: "控制",
    back: "退一步",
    step: "走一步",
    run: "运行",
    pause: "暂停",
    reset: "重来",
  },
});
