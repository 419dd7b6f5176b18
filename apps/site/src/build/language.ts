/** The place where the reader's choice of a language is remembered. */
export const remembered = "thalweg-language";

/** The file of the same page in the other language, by the file of a page. */
export function siblingOf(file: string): string {
  return file.startsWith("zh/") ? file.slice("zh/".length) : `zh/${file}`;
}

/**
 * Goes to the page in the reader's language before anything is drawn: the one that was chosen, or else the first of the
 * browser's that the site has. It is a text, since it runs before all modules.
 */
export const languageScript = `{
  const languages = [localStorage.getItem("${remembered}"), ...navigator.languages].map((name) => (name ?? "").slice(0, 2));
  const wanted = languages.find((name) => name === "en" || name === "zh");
  const path = location.pathname;
  const isChinese = path === "/zh" || path.startsWith("/zh/");
  if (wanted === "zh" && !isChinese) location.replace("/zh" + path + location.search + location.hash);
  if (wanted === "en" && isChinese) location.replace((path.slice(3) || "/") + location.search + location.hash);
}`;
