// <attend-exercise topic="SLUG" name="softmax" label="t03.1 softmax">: an exercise that is written and tested in the page.
//
// The build prints its first state: the stub in a <pre>, the buttons, an empty verdict. The editor comes when it is asked for.
import { check, stop } from "./runner.js";
import { read, write } from "./store.js";

const STAGES = { starting: "Starting Python, which takes a moment the first time …", running: "Running the tests …" };
const MARKS = { passed: "✓", failing: "✗", waiting: "·", todo: "·" };

const isOff = (button) => button.getAttribute("aria-disabled") === "true";

class Exercise extends HTMLElement {
  connectedCallback() {
    [this.topic, this.name, this.label] = ["topic", "name", "label"].map((name) => this.getAttribute(name));
    this.place = this.querySelector(".exercise-code");
    this.verdict = this.querySelector(".exercise-verdict");
    this.stub = this.place.querySelector("code").textContent;
    this.buttons = {};
    for (const button of this.querySelectorAll("button[name]")) {
      this.buttons[button.name] = button;
      button.disabled = false;
      button.addEventListener("click", () => isOff(button) || this[button.name]());
    }
    this.place.addEventListener("click", () => getSelection().isCollapsed && this.edit());
    this.busy = false;
    const kept = read("code", this.topic, this.name);
    if (kept !== null) this.print(kept);
    if (read("passed", this.topic, this.name) !== null) this.say("passed", "passed");
  }

  set busy(busy) {
    // not `disabled`, which would take the focus away from whoever works by keyboard
    this.buttons.run.setAttribute("aria-disabled", busy);
    this.buttons.stop.setAttribute("aria-disabled", !busy);
  }

  get code() {
    return this.editor ? this.editor.text() : (read("code", this.topic, this.name) ?? this.stub);
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

  /** This exercise's code, and that of every other one of the topic that has passed. */
  codes() {
    const names = [...document.querySelectorAll(`attend-exercise[topic="${this.topic}"]`)].map((one) => one.name);
    const passed = names.map((name) => [name, read("passed", this.topic, name)]).filter(([, code]) => code !== null);
    return { ...Object.fromEntries(passed), [this.name]: this.code };
  }

  async run() {
    if (isOff(this.buttons.run)) return;
    this.busy = true;
    const code = this.code;
    this.task = {
      slug: this.topic,
      exercise: this.name,
      codes: this.codes(),
      tell: (stage) => this.say("busy", STAGES[stage]),
    };
    const outcome = await check(this.task);
    this.busy = false;
    if (outcome.kind === "broken") {
      const rows = [["problem", outcome.words], ["instead", `attend check ${this.label.split(" ")[0]}, in a terminal`]];
      return this.say("failing", "could not be tried in this browser", rows);
    }
    if (outcome.kind === "stopped") return this.say("todo", "stopped");
    const { state, remark, rows } = outcome.kind === "timeout" ? this.hung(outcome.seconds) : outcome.verdict;
    write("passed", this.topic, this.name, state === "passed" ? code : null);
    this.say(state, remark, rows);
  }

  hung(seconds) {
    const words = `no answer in ${seconds} seconds, so it was stopped: does a loop never end?`;
    return { state: "failing", remark: "stopped", rows: [["problem", words]] };
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
    const mark = Object.assign(document.createElement("b"), { textContent: MARKS[state] ?? "" });
    mark.ariaHidden = "true";
    const line = document.createElement("p");
    line.append(mark, ` ${state === "busy" ? "" : `${this.label}  `}${remark}`);
    const list = document.createElement("dl");
    for (const [label, text] of rows) {
      const term = Object.assign(document.createElement("dt"), { textContent: label });
      const words = Object.assign(document.createElement("dd"), { textContent: text });
      words.dataset.row = label;
      list.append(term, words);
    }
    this.verdict.replaceChildren(line, ...(rows.length ? [list] : []));
  }
}
customElements.define("attend-exercise", Exercise);
