/** A space that is hardly seen, since titles are shown as they are indexed. */
const between = "\u200A";
const chinese = /\p{Script=Han}{2,}/gu;
const words = new Intl.Segmenter("zh", { granularity: "word" });

/** A text whose Chinese words are apart, so that a search finds each of them. */
export const apart = (text: string): string =>
  text.replace(chinese, (run) => Array.from(words.segment(run), ({ segment }) => segment).join(between));

/** The words that a query consists of. */
export const wordsOf = (query: string): string[] => apart(query).split(/[\s\p{P}]+/u);

/** The same for the texts of a page. */
export const apartInPage = (html: string): string => html.replace(/>[^<]+</g, (text) => apart(text));
