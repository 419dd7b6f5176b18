import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** Colours of code, by the tokens of figures. */
export const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--figure-4)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--figure-3)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--figure-2)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--figure-1)" },
  { tag: [tags.typeName, tags.className], color: "var(--figure-7)" },
  { tag: tags.comment, color: "var(--figure-soft)", fontStyle: "italic" },
]);

/** The editor on a figure. */
export const theme = EditorView.theme({
  "&": { color: "var(--figure-ink)", backgroundColor: "var(--figure-raised)", fontSize: "13px" },
  ".cm-content": { fontFamily: "var(--vp-font-family-mono)", caretColor: "var(--figure-ink)" },
  ".cm-cursor": { borderLeftColor: "var(--figure-ink)" },
  ".cm-gutters": {
    color: "var(--figure-soft)",
    backgroundColor: "var(--figure-raised)",
    border: "none",
  },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--figure-force) 25%, transparent) !important",
  },
  ".cm-lit": { backgroundColor: "var(--figure-lit)" },
  ".cm-tooltip": {
    color: "var(--figure-ink)",
    backgroundColor: "var(--figure-raised)",
    border: "1px solid var(--figure-line)",
  },
});
