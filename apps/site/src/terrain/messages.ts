import { defineMessages } from "../frame/language";

/** The texts of all maps. */
export const messages = defineMessages({
  en: {
    start: "Start of the walk",
    away: (distance: string) => `${distance} away`,
  },
  zh: {
    start: "起点",
    away: (distance: string) => `已在 ${distance} 之外`,
  },
});
