// The heads of the trained transformer, one at a time.
import { LiveFigure, escaped, say } from "./figure.js";
import { fill, walk } from "./heat.js";

customElements.define(
  "attend-heads",
  class extends LiveFigure {
    prepare() {
      walk(this.querySelector("table.heat"), (row, column) => {
        const { asks, looked, weights } = this.now;
        this.tell(`${asks[row]} looks at ${looked[column]}: weight ${say(weights[row][column])}.`);
      });
    }

    draw() {
      const example = this.data.examples[this.value("sentence")];
      const kind = this.value("attention");
      this.now = {
        asks: kind === "encoder" ? example.source : example.words,
        looked: kind === "decoder" ? ["<bos>", ...example.words.slice(0, -1)] : example.source, // it reads the word before
        weights: example[kind][this.value("head") - 1],
      };
      const { asks, looked, weights } = this.now;
      const table = this.querySelector("table.heat");
      table.classList.toggle("heat--many", looked.length > 5);
      fill(table, looked, asks, weights);
      this.table(
        ["", ...looked.map(escaped)],
        asks.map((word, row) => [word, ...weights[row]]),
      );
      const first = asks[0];
      const most = weights[0].indexOf(Math.max(...weights[0]));
      this.tell(`Head ${this.value("head")}: ${first} looks most at ${looked[most]}, weight ${say(weights[0][most])}.`);
    }
  },
);
