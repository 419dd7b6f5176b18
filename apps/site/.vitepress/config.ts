import { katex } from "@mdit/plugin-katex";
import { defineConfig } from "vitepress";
import { contents } from "../src/build/contents";
import { languageScript, siblingOf } from "../src/build/language";
import { modules, workerExports } from "../src/build/plugins";
import { writePolicies } from "../src/build/policy";
import { search, searchReference } from "../src/search/plugin";

const english = contents("en");
const chinese = contents("zh");

export default defineConfig({
  title: "Thalweg",
  srcDir: "pages",
  outDir: "dist",
  cleanUrls: true,
  // Nothing is fetched before the reader asks for it.
  router: { prefetchLinks: false },
  // Else each page holds the names of all files inline, and no policy could name its hash.
  metaChunk: true,
  head: [["link", { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" }]],
  // The two know different versions of the parser's types.
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    // Browsers set MathML with fonts that they have; KaTeX's own are a fifth of a page.
    config: (markdown) =>
      void markdown.use(katex as unknown as Parameters<typeof markdown.use>[0], { output: "mathml" }),
  },
  locales: {
    root: {
      label: "English",
      lang: "en",
      description: "Train neural networks in TypeScript. A lesson with living figures.",
      themeConfig: { nav: english.nav, sidebar: english.sidebar },
    },
    zh: {
      label: "简体中文",
      lang: "zh-CN",
      description: "用 TypeScript 训练神经网络，附一门图会动的课。",
      themeConfig: {
        nav: chinese.nav,
        sidebar: chinese.sidebar,
        outline: { label: "本页内容" },
        docFooter: { prev: "上一页", next: "下一页" },
        darkModeSwitchLabel: "深浅外观",
        lightModeSwitchTitle: "切换到浅色",
        darkModeSwitchTitle: "切换到深色",
        sidebarMenuLabel: "目录",
        returnToTopLabel: "回到顶部",
        skipToContentLabel: "跳到正文",
        notFound: {
          title: "没有这一页",
          quote: "它可能搬走了，也可能从来没有过。",
          linkText: "回首页",
          linkLabel: "回首页",
        },
      },
    },
  },
  themeConfig: {
    // The switch of the theme knows which pages are translated.
    i18nRouting: false,
    outline: { label: "On this page" },
    search: { provider: "local", options: search },
  },
  transformPageData: (page, { siteConfig }) => ({
    frontmatter: {
      ...page.frontmatter,
      ...(page.relativePath.startsWith("api/") && {
        outline: [2, 3],
        pageClass: "reference",
        // Its pages have no order.
        prev: false,
        next: false,
      }),
      isTranslated: siteConfig.pages.includes(siblingOf(page.relativePath)),
    },
  }),
  transformHead: ({ pageData }) =>
    pageData.frontmatter.isTranslated === true ? [["script", {}, languageScript]] : [],
  buildEnd: ({ outDir }) => writePolicies(outDir),
  vite: {
    plugins: [searchReference, modules()],
    worker: { format: "es", plugins: () => [modules(), workerExports()] },
    // Fonts in style sheets would be data: addresses, which the policy forbids.
    build: { target: "esnext", assetsInlineLimit: 0, chunkSizeWarningLimit: 10_000 },
  },
});
