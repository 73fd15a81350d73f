// The editor of exercises in the page: CodeMirror with what Python needs, in the page's own colours. esbuild makes
// assets/exercise/editor.js of it (runner.mjs), which a page loads when somebody begins to write.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState, RangeSetBuilder } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, keymap, lineNumbers, ViewPlugin } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colour = (name) => ({ color: `var(--md-code-hl-${name}-color)` });
const colours = HighlightStyle.define([
  { tag: [tags.comment, tags.meta], ...colour("comment") },
  { tag: [tags.string, tags.special(tags.string)], ...colour("string") },
  { tag: tags.number, ...colour("number") },
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword], ...colour("keyword") },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.className], ...colour("function") },
  { tag: [tags.bool, tags.null, tags.atom], ...colour("constant") },
  { tag: tags.operator, ...colour("operator") },
]);
const look = EditorView.theme({
  "&": { height: "100%", color: "var(--md-code-fg-color)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" }, // the frame around it shows the focus
  ".cm-scroller": { fontFamily: "inherit", lineHeight: "inherit" },
  ".cm-content": { caretColor: "var(--md-code-fg-color)", padding: "0.6em 0" },
  // typing over a coloured word, a browser may write that word's colour into the line itself
  ".cm-line": {
    color: "inherit !important",
    paddingLeft: "calc(6px + var(--indent, 0ch))",
    textIndent: "calc(-1 * var(--indent, 0ch))",
  },
  ".cm-cursor": { borderLeftColor: "var(--md-code-fg-color)", borderLeftWidth: "2px" },
  ".cm-gutters": { backgroundColor: "var(--md-code-bg-color)", border: "0", color: "var(--muted)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--query) 30%, transparent)",
  },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--share) 35%, transparent)" },
});

/** A line that is wrapped goes on below its own indentation. */
const hanging = ViewPlugin.define(
  (view) => ({
    lines: indentations(view),
    update(update) {
      if (update.docChanged || update.viewportChanged) this.lines = indentations(update.view);
    },
  }),
  { decorations: (plugin) => plugin.lines },
);

function indentations(view) {
  const lines = new RangeSetBuilder();
  for (const { from, to } of view.visibleRanges) {
    for (let line, place = from; place <= to; place = line.to + 1) {
      line = view.state.doc.lineAt(place);
      const indent = line.text.length - line.text.trimStart().length;
      lines.add(line.from, line.from, Decoration.line({ attributes: { style: `--indent:${indent}ch` } }));
    }
  }
  return lines.finish();
}

/**
 * An editor in `parent`, holding `text`.
 * @param label what a screen reader calls it; `hint` is the id of the words that explain its keys
 * @param changed called with the new text; `run` on Ctrl-Enter
 */
export function openEditor(parent, text, { label, hint, changed, run }) {
  const runKey = { key: "Mod-Enter", run: () => (run(), true) };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        keymap.of([runKey, indentWithTab, ...defaultKeymap, ...historyKeymap]), // Escape, then Tab, leaves
        history(),
        lineNumbers(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        indentUnit.of("    "),
        EditorView.lineWrapping,
        hanging,
        python(),
        syntaxHighlighting(colours),
        look,
        // a tab stop it is without saying so, but axe looks for the word where the code scrolls
        EditorView.contentAttributes.of({ "aria-label": label, "aria-describedby": hint, tabindex: "0" }),
        EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    set: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    focus: () => view.focus(),
  };
}
