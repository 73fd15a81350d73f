// <attend-exercise topic="SLUG" name="softmax" label="t03.1 softmax">: an exercise that is written and tested in the page.
//
// The build prints its first state: the stub in a <pre>, the buttons, an empty verdict. The editor comes when it is asked for.
import { ask, stop } from "./runner.js";
import { read, write } from "./store.js";
import { line, table } from "./verdict.js";

const isOff = (button) => button.getAttribute("aria-disabled") === "true";

class Exercise extends HTMLElement {
  connectedCallback() {
    [this.topic, this.name, this.label] = ["topic", "name", "label"].map((name) => this.getAttribute(name));
    this.place = this.querySelector(".exercise-code");
    this.verdict = this.querySelector(".exercise-verdict");
    this.ways = this.querySelector(".exercise-ways details"); // null where the course has none
    this.stub = this.place.querySelector("code").textContent;
    this.buttons = {};
    for (const button of this.querySelectorAll("button[name]")) {
      this.buttons[button.name] = button;
      button.disabled = false;
      button.addEventListener("click", () => isOff(button) || this[button.name]());
    }
    this.place.addEventListener("click", () => getSelection().isCollapsed && this.edit());
    this.ways?.addEventListener("toggle", () => this.ways.open && this.fillWays());
    this.busy = false;
    const kept = read("code", this.topic, this.name);
    if (kept !== null) this.print(kept);
    this.recall();
  }

  set busy(busy) {
    // not `disabled`, which would take the focus away from whoever works by keyboard
    this.buttons.run.setAttribute("aria-disabled", busy);
    this.buttons.stop.setAttribute("aria-disabled", !busy);
  }

  get code() {
    return this.editor ? this.editor.text() : (read("code", this.topic, this.name) ?? this.stub);
  }

  get passed() {
    return read("passed", this.topic, this.name);
  }

  /** Say what is remembered of an exercise that has passed. */
  recall() {
    if (this.passed !== null) this.say("passed", this.passed ? "passed" : "passed elsewhere");
  }

  print(code) {
    this.place.querySelector("code").textContent = code;
  }

  /** Put the editor in the place of the printed code, once, and the cursor into it. */
  async edit() {
    this.opening ??= this.open();
    try {
      await this.opening;
      this.editor.focus();
    } catch (error) {
      this.opening = null;
      this.say("todo", `the editor could not be loaded (${error.message})`);
    }
  }

  async open() {
    const { openEditor } = await import("./editor.js");
    const text = this.code;
    this.place.replaceChildren();
    for (const name of ["tabindex", "role", "aria-label"]) this.place.removeAttribute(name);
    this.editor = openEditor(this.place, text, {
      label: `${this.label}: your code`,
      hint: this.querySelector(".exercise-hint").id,
      changed: (code) => this.keep(code),
      run: () => this.run(),
    });
  }

  keep(code) {
    write("code", this.topic, this.name, code === this.stub ? null : code);
  }

  /** Take in code from a file; what has passed is not the same code any more, unless it is. */
  load(code) {
    const text = `${code.trimEnd()}\n`;
    if (text === this.code) return;
    this.keep(text);
    if (this.editor) this.editor.set(text);
    else this.print(text);
    if (this.passed && this.passed.trimEnd() !== text.trimEnd()) write("passed", this.topic, this.name, null);
    if (this.passed === null) this.say("todo", "not tested yet");
    else this.recall();
  }

  /** The module: the reader's lines outside the exercises, this code, of others what has passed, else the stubs. */
  given(code) {
    const others = [...document.querySelectorAll(`attend-exercise[topic="${this.topic}"]`)];
    const codes = Object.fromEntries(others.map((one) => [one.name, one.passed || one.stub]));
    const base = read("module", this.topic) ?? "";
    return { slug: this.topic, name: this.name, codes: { ...codes, [this.name]: code }, base };
  }

  async run() {
    if (isOff(this.buttons.run)) return;
    this.busy = true;
    const code = this.code;
    this.task = {
      module: "browser",
      call: "check",
      given: this.given(code),
      doing: "Running the tests …",
      tell: (words) => this.say("busy", words),
    };
    const { kind, answer, words } = await ask(this.task);
    this.busy = false;
    if (kind === "broken") {
      const rows = [["problem", words], ["instead", `attend check ${this.label.split(" ")[0]}, in a terminal`]];
      return this.say("failing", "could not be tried in this browser", rows);
    }
    if (kind === "stopped") return this.say("todo", "stopped");
    const hung = { state: "failing", remark: "stopped", rows: [["problem", words]] };
    const { state, remark, rows } = kind === "timeout" ? hung : answer;
    write("passed", this.topic, this.name, state === "passed" ? code : null);
    this.say(state, remark, rows);
  }

  stop() {
    stop(this.task);
  }

  /** The stub again. It goes through the editor, whose undo brings the code back. */
  async reset() {
    if (this.code !== this.stub) {
      await this.edit();
      if (!this.editor) return;
      this.editor.set(this.stub);
    }
    write("code", this.topic, this.name, null);
    write("passed", this.topic, this.name, null);
    this.say("todo", "the stub is back");
  }

  /** Show a verdict: one line, and below it pairs of a label and a text. */
  say(state, remark, rows = []) {
    this.dataset.state = state;
    const words = state === "busy" ? remark : `${this.label}  ${remark}`;
    this.verdict.replaceChildren(line(state, words), ...(rows.length ? [table(rows)] : []));
    if (this.ways) this.offerWays();
  }

  /** Other ways to write it are there while the exercise is right, closed at first. */
  offerWays() {
    this.ways.hidden = this.dataset.state !== "passed" || !this.passed;
    this.ways.open = false;
    this.ways.querySelector("div").replaceChildren();
  }

  /** Python opens them: the right answer is the key. */
  async fillWays() {
    const place = this.ways.querySelector("div");
    if (place.querySelector("pre")) return;
    const say = (words) => place.replaceChildren(line("", words));
    const { kind, answer, words } = await ask({
      module: "browser",
      call: "ways",
      given: this.given(this.passed),
      doing: "Opening them …",
      tell: say,
    });
    if (kind !== "answer") return say(`they could not be opened in this browser (${words ?? "stopped"})`);
    if (!answer.length) return say("your code does not open them any more: run the tests again");
    place.replaceChildren(...answer.flatMap(({ title, why, code }) => [this.way(title, why), this.listing(title, code)]));
  }

  way(title, why) {
    const words = document.createElement("p");
    words.append(Object.assign(document.createElement("strong"), { textContent: title }), `: ${why}`);
    return words;
  }

  /** Code that Python has coloured; its text is escaped there. */
  listing(title, html) {
    const block = Object.assign(document.createElement("div"), { className: "highlight" });
    block.innerHTML = `<pre><code>${html}</code></pre>`;
    return block;
  }
}
customElements.define("attend-exercise", Exercise);
