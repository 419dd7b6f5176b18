import { defineMessages } from "../frame/language";

/** The texts of the table of names. */
export const messages = defineMessages({
  en: {
    caption: "PyTorch's public names, and ours",
    search: "Search names",
    area: "Area",
    everywhere: "all areas",
    theirs: "PyTorch",
    state: "State",
    ours: "Thalweg",
    note: "Difference, or what to use",
    has: "has",
    differs: "differs",
    lacks: "lacks",
    found: (count: number) => (count === 1 ? "1 name" : `${count.toLocaleString("en")} names`),
    more: (count: number) => `Show ${count.toLocaleString("en")} more`,
    version: (version: string) =>
      `The names of PyTorch ${version}, collected by a script. What Thalweg calls the same means the same, unless the table says what differs.`,
  },
  zh: {
    caption: "PyTorch 的公开名字与我们的名字",
    search: "搜索名字",
    area: "模块",
    everywhere: "全部模块",
    theirs: "PyTorch",
    state: "状态",
    ours: "Thalweg",
    note: "差异，或替代写法",
    has: "有",
    differs: "有差异",
    lacks: "没有",
    found: (count: number) => `${count} 个名字`,
    more: (count: number) => `再显示 ${count} 个`,
    version: (version: string) =>
      `由脚本从 PyTorch ${version} 收集。Thalweg 中同名的含义相同，有差异的在表中说明。`,
  },
});
