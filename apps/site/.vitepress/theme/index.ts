import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import { installFigures } from "../../src/frame/figures";
import { wordsOf } from "../../src/search/words";
import SiteLayout from "./SiteLayout.vue";
import "./tokens.css";
import "./site.css";

export default {
  extends: DefaultTheme,
  Layout: SiteLayout,
  enhanceApp: ({ app, siteData }) => {
    installFigures(app);
    // As an option of the configuration it would be made from text, which the policy forbids.
    siteData.value.themeConfig.search.options.miniSearch = { searchOptions: { tokenize: wordsOf } };
  },
} satisfies Theme;
