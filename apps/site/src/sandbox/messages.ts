import { defineMessages } from "../frame/language";

/** The texts about programs that go wrong. */
export const messages = defineMessages({
  en: {
    problems: "Problems",
    syntax: "Syntax error",
    type: "Type error",
    run: "Error while running",
    line: (line: number) => `line ${line}`,
    tooLong: (seconds: number) =>
      `The program was ended after ${seconds} s. Is there a loop that never ends?`,
  },
  zh: {
    problems: "问题",
    syntax: "语法错误",
    type: "类型错误",
    run: "运行出错",
    line: (line: number) => `第 ${line} 行`,
    tooLong: (seconds: number) => `程序跑了 ${seconds} 秒还没完，被停掉了。是不是有个循环停不下来？`,
  },
});
