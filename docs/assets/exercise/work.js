// <attend-work topic="SLUG">: the reader's code of a topic as a module and as a hand-in, files opened into the editors, and
// progress codes. The build prints the buttons; Python makes and reads the files.
import { ask } from "./runner.js";
import { passed, read, write } from "./store.js";

const MOST_BYTES = 64 << 20; // of a file that is opened

class Work extends HTMLElement {
  connectedCallback() {
    this.topic = this.getAttribute("topic");
    this.status = this.querySelector("[role=status]");
    [this.file, this.code] = ["file", "text"].map((type) => this.querySelector(`input[type=${type}]`));
    for (const button of this.querySelectorAll("button[name]")) {
      button.disabled = false;
      button.addEventListener("click", () => this[button.name]());
    }
    this.file.addEventListener("change", () => this.open());
    this.code.addEventListener("keydown", (event) => event.key === "Enter" && this.use());
  }

  get exercises() {
    return [...document.querySelectorAll(`attend-exercise[topic="${this.topic}"]`)];
  }

  /** What is in the editors, and the lines outside them. */
  get written() {
    return {
      codes: Object.fromEntries(this.exercises.map((exercise) => [exercise.name, exercise.code])),
      base: read("module", this.topic) ?? "",
    };
  }

  say(words, isProblem = false) {
    this.status.textContent = words;
    this.status.toggleAttribute("data-problem", isProblem);
  }

  /** What Python answers; null where there is a problem, which is said. */
  async ask(call, given, doing) {
    const tell = (words) => this.say(words);
    const { kind, answer, words } = await ask({ module: "browser_work", call, given, doing, tell });
    if (kind === "answer" && !answer.problem) return answer;
    this.say(kind === "answer" ? answer.problem : `This could not be done in this browser (${words ?? "stopped"}).`, true);
    return null;
  }

  async download(call, words) {
    const made = await this.ask(call, { slug: this.topic, ...this.written }, "Making the file …");
    if (!made) return;
    const address = URL.createObjectURL(new Blob([made.data]));
    Object.assign(document.createElement("a"), { href: address, download: made.name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    this.say(`${made.name} is in your downloads. ${words}`);
  }

  module() {
    return this.download("module", "It belongs in assignments/, or: attend import FILE");
  }

  hand_in() {
    return this.download("hand_in", "It is what attend submit makes of the same code.");
  }

  choose() {
    this.file.click();
  }

  async open() {
    const [file] = this.file.files;
    if (!file) return;
    try {
      if (file.size > MOST_BYTES) return this.say(`${file.name} is too large to be a hand-in.`, true);
      const data = new Uint8Array(await file.arrayBuffer());
      const found = await this.ask("open_file", { slug: this.topic, file_name: file.name, data }, "Reading the file …");
      if (!found) return;
      const before = JSON.stringify(this.written);
      this.fill(found);
      write("before", this.topic, "", before);
      const own = found.base ? " Its other lines, such as your own functions, are used too." : "";
      this.say([`The code of ${file.name} is in the editors.${own}`, ...found.notes].join(" "));
    } catch (error) {
      this.say(`${file.name} cannot be read (${error.message}).`, true);
    } finally {
      this.file.value = ""; // so that the same file can be chosen again
    }
  }

  fill({ codes, base }) {
    write("module", this.topic, "", base || null);
    for (const exercise of this.exercises) if (exercise.name in codes) exercise.load(codes[exercise.name]);
  }

  /** What was in the editors before a file was opened; once more, and the file's code is back. */
  back() {
    const before = read("before", this.topic);
    if (before === null) return this.say("No file has been opened on this page.");
    const now = JSON.stringify(this.written);
    this.fill(JSON.parse(before));
    write("before", this.topic, "", now);
    this.say("What was in the editors before is back.");
  }

  async make() {
    const made = await this.ask("progress_code", { passed: passed() }, "Making the code …");
    if (!made) return;
    this.code.value = made.code;
    this.code.select();
    this.say("The code says which exercises have passed in this browser. Copy it and run: attend import CODE");
  }

  async use() {
    const found = await this.ask("read_progress_code", { text: this.code.value }, "Reading the code …");
    if (!found) return;
    const fresh = found.passed.filter(([slug, name]) => read("passed", slug, name) === null);
    for (const [slug, name] of fresh) write("passed", slug, name, "");
    for (const exercise of this.exercises) exercise.recall();
    const count = `Exercises that have passed according to the code: ${found.passed.length}`;
    this.say(`${count}, new here: ${fresh.length}.`);
  }
}
customElements.define("attend-work", Work);
