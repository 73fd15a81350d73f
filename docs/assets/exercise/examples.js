// <attend-examples topic="SLUG" name="softmax">: a reader's own examples of what a function returns, one a line, and what
// Python says about them. The build prints the field, the button and the place for the answer.
import { ask } from "./runner.js";
import { read, write } from "./store.js";
import { line, sentences } from "./verdict.js";

class Examples extends HTMLElement {
  connectedCallback() {
    [this.topic, this.name] = ["topic", "name"].map((name) => this.getAttribute(name));
    this.field = this.querySelector("textarea");
    this.button = this.querySelector("button");
    this.verdict = this.querySelector("[role=status]");
    this.field.value = read("examples", this.topic, this.name) ?? "";
    this.field.addEventListener("input", () => write("examples", this.topic, this.name, this.field.value || null));
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.check();
    });
    this.button.disabled = false;
    this.button.addEventListener("click", () => this.check());
  }

  async check() {
    if (this.button.getAttribute("aria-disabled") === "true") return;
    this.button.setAttribute("aria-disabled", true);
    const { kind, answer, words } = await ask({
      module: "browser",
      call: "examples",
      given: { slug: this.topic, name: this.name, text: this.field.value },
      doing: "Checking the examples …",
      tell: (words) => this.say("busy", words),
    });
    this.button.setAttribute("aria-disabled", false);
    if (kind === "answer") this.say(answer.state, ...answer.lines);
    else this.say("failing", `the examples could not be checked in this browser (${words})`);
  }

  say(state, first, ...more) {
    this.dataset.state = state;
    this.verdict.replaceChildren(line(state, first), ...(more.length ? [sentences(more)] : []));
  }
}
customElements.define("attend-examples", Examples);
