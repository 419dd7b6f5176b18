import { useData } from "vitepress";
import { computed, type Ref } from "vue";

/** The languages of the site. */
export type Language = "en" | "zh";

/** Texts in both languages. A text that one of them lacks is a type error. */
export function defineMessages<Texts extends object>(texts: {
  readonly en: Texts;
  readonly zh: NoInfer<Texts>;
}) {
  return texts;
}

/** The language of the page. */
export function useLanguage(): Ref<Language> {
  const { lang } = useData();
  return computed(() => (lang.value.startsWith("zh") ? "zh" : "en"));
}

/** The texts in the language of the page. */
export function useMessages<Texts>(texts: Readonly<Record<Language, Texts>>): Ref<Texts> {
  const language = useLanguage();
  return computed(() => texts[language.value]);
}
