import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";

/** Lights a line, counted from 1, or none. */
export const setLitLine = StateEffect.define<number | null>();

const mark = Decoration.line({ class: "cm-lit" });

/** The line that runs is lit. */
export const litLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    const { doc } = transaction.state;
    for (const effect of transaction.effects) {
      if (!effect.is(setLitLine)) continue;
      const line = effect.value;
      return line === null || line > doc.lines
        ? Decoration.none
        : Decoration.set(mark.range(doc.line(line).from));
    }
    return marks.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});
