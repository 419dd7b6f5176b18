import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import { installFigures } from "../../src/frame/figures";
import SiteLayout from "./SiteLayout.vue";
import "katex/dist/katex.min.css";
import "./tokens.css";
import "./site.css";

export default {
  extends: DefaultTheme,
  Layout: SiteLayout,
  enhanceApp: ({ app }) => installFigures(app),
} satisfies Theme;
