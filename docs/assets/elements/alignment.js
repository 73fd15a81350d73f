// The alignment explorer: the same scores under another temperature and another mask.
import { LiveFigure, escaped, say, softmax } from "./figure.js";
import { fill, walk } from "./heat.js";

customElements.define(
  "attend-alignment",
  class extends LiveFigure {
    prepare() {
      this.cell = null; // the last one that was pointed at
      walk(this.querySelector("table.heat"), (row, column) => {
        this.cell = [row, column];
        this.describe();
      });
    }

    get sentence() {
      return this.data.sentences[this.value("sentence")];
    }

    weights() {
      const boxes = [...this.part("mask").querySelectorAll("input")];
      return this.sentence.scores.map((line) =>
        softmax(
          line.map((score) => score / this.value("temperature")),
          (place) => boxes[place].checked,
        ),
      );
    }

    draw() {
      const { source, words, scores } = this.sentence;
      const mask = this.part("mask");
      const ticked = [...mask.querySelectorAll("label")].map((label) => label.textContent.trim());
      if (ticked.join() !== source.join()) {
        this.cell = null;
        const boxes = source.map((word, s) => `<label><input type="checkbox" value="${s}" checked> ${escaped(word)}</label>`);
        mask.innerHTML = mask.querySelector("legend").outerHTML + boxes.join("");
      }
      this.now = this.weights();
      fill(this.querySelector("table.heat"), source, words, this.now);
      const head = ["", ...source.flatMap((word) => [`${word}: score`, "weight"])];
      this.table(
        head,
        words.map((word, t) => [word, ...scores[t].flatMap((score, s) => [score, this.now[t][s]])]),
      );
      this.describe();
    }

    describe() {
      if (!this.cell) return this.tell(this.data.hint);
      const [t, s] = this.cell;
      const { source, words, scores } = this.sentence;
      this.tell(`${words[t]} looks at ${source[s]}: score ${say(scores[t][s])}, weight ${say(this.now[t][s])}.`);
    }
  },
);
