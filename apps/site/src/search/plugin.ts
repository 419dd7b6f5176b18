import type { DefaultTheme, Plugin } from "vitepress";
import { addTo, type Index } from "./merge";
import { apartInPage } from "./words";

/** The module with the index of a language, as VitePress names it. */
const moduleOf = (locale: string) => `/@localSearchIndex${locale}`;

/** A module that exports a text, and the index that it is. */
const read = (code: string): Index =>
  JSON.parse(JSON.parse(code.slice("export default ".length)) as string) as Index;
const write = (index: Index) => `export default ${JSON.stringify(JSON.stringify(index))}`;

/** The search in all pages of a language. */
export const search: DefaultTheme.LocalSearchOptions = {
  locales: {
    zh: {
      translations: {
        button: { buttonText: "搜索", buttonAriaLabel: "搜索" },
        modal: {
          displayDetails: "显示详细内容",
          resetButtonTitle: "清除",
          backButtonTitle: "关闭",
          noResultsText: "没有找到",
          footer: {
            selectText: "选择",
            selectKeyAriaLabel: "回车",
            navigateText: "移动",
            navigateUpKeyAriaLabel: "上",
            navigateDownKeyAriaLabel: "下",
            closeText: "关闭",
            closeKeyAriaLabel: "Esc",
          },
        },
      },
    },
  },
  _render: (source, env, markdown) => {
    const { options } = markdown;
    const { highlight } = options;
    options.highlight = (code) => `<pre>${code.replaceAll("&", "&#x26;").replaceAll("<", "&#x3C;")}</pre>`;
    try {
      const html = markdown.render(source, env);
      return env.frontmatter?.search === false ? "" : apartInPage(html);
    } finally {
      options.highlight = highlight;
    }
  },
};

/** Adds the reference, which is in English alone, to what a reader of Chinese searches. */
export const searchReference: Plugin = {
  name: "search-reference",
  apply: "build",
  async transform(code, id) {
    if (id !== moduleOf("zh")) return undefined;
    const english = await this.load({ id: moduleOf("root") });
    return write(addTo(read(code), read(english.code!), (page) => page.startsWith("/api/")));
  },
};
