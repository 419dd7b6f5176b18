import { type App, type Component, defineAsyncComponent, hydrateOnVisible } from "vue";

const figures = import.meta.glob<{ default: Component }>("../figures/*/*Figure.vue");

/**
 * Makes every figure an element of Markdown: `src/figures/descent/DescentFigure.vue` is `<DescentFigure />`. Its script is
 * fetched when the reader comes near.
 */
export function installFigures(app: App): void {
  for (const [path, load] of Object.entries(figures)) {
    const name = path.slice(path.lastIndexOf("/") + 1, -".vue".length);
    app.component(
      name,
      defineAsyncComponent({
        loader: async () => (await load()).default,
        hydrate: hydrateOnVisible({ rootMargin: "400px" }),
      }),
    );
  }
}
