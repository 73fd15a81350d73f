// The encoder unrolled: step through what is read and said, with one state handed over or with all.
import { LiveFigure, say } from "./figure.js";

customElements.define(
  "attend-unrolled",
  class extends LiveFigure {
    // Steps 0 to S − 1 read, the others say.
    get said() {
      return this.value("step") - this.data.source.length;
    }

    shows() {
      return this.said < 0 ? `reads ${this.data.source[this.value("step")]}` : `writes ${this.data.words[this.said]}`;
    }

    draw() {
      const { source, words, weights } = this.data;
      const step = this.value("step");
      const mode = this.value("mode");
      const saying = this.said >= 0;
      for (const group of this.querySelectorAll("[data-read]")) group.style.opacity = group.dataset.read > step ? 0.2 : 1;
      for (const group of this.querySelectorAll("[data-mode]"))
        group.style.visibility = saying && group.dataset.mode === mode ? "" : "hidden";
      this.part("decoder").style.opacity = saying ? 1 : 0.2;
      for (const group of this.querySelectorAll("[data-said]"))
        group.toggleAttribute("hidden", Number(group.dataset.said) !== Math.max(this.said, 0));
      this.part("said").textContent = saying ? words[this.said] : "";
      if (!saying) {
        const kept = mode === "all" ? "It will be kept." : step < source.length - 1 ? "It will be dropped." : "It is the context.";
        return this.tell(`The encoder reads ${source[step]} and computes state ${step + 1} of ${source.length}. ${kept}`);
      }
      source.forEach((_, s) => {
        const weight = weights[this.said][s];
        this.querySelector(`[data-look="${s}"]`).style.strokeWidth = (1 + 14 * weight).toFixed(1);
        this.querySelector(`[data-told="${s}"]`).textContent = say(weight);
      });
      const looks = source.map((word, s) => `${word} ${say(weights[this.said][s])}`).join(", ");
      this.tell(
        mode === "all"
          ? `The decoder writes ${words[this.said]}. It looks at ${looks}.`
          : `The decoder writes ${words[this.said]}. It would have only the state after ${source.at(-1)}.`,
      );
    }
  },
);
