// The bottleneck curve: another measure, one length at a time, and the curves one by one.
import { LiveFigure, say } from "./figure.js";

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

customElements.define(
  "attend-bottleneck",
  class extends LiveFigure {
    prepare() {
      const [slider] = this.controls("length");
      this.querySelector("svg").addEventListener("pointermove", (event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const x = ((event.clientX - box.left) / box.width) * event.currentTarget.viewBox.baseVal.width;
        const distances = this.data.plot.xs.map((place) => Math.abs(place - x));
        slider.value = distances.indexOf(Math.min(...distances));
        this.update();
      });
    }

    shows() {
      return this.data.lengths[this.value("length")];
    }

    draw() {
      const { series, lengths, names, plot } = this.data;
      const measure = this.value("measure");
      const at = this.value("length");
      const place = (share) => plot.top + plot.height * (1 - share);
      const points = (shares) => shares.map((share, n) => `${plot.xs[n].toFixed(1)},${place(share).toFixed(1)}`);
      const shown = [...this.part("shown").querySelectorAll(":checked")].map((box) => box.value);
      for (const [kind, measures] of Object.entries(series)) {
        const values = measures[measure];
        const group = this.querySelector(`[data-series="${kind}"]`);
        const low = points(values.map((many) => Math.min(...many))).reverse();
        group.style.display = shown.includes(kind) ? "" : "none";
        group.querySelector("polygon").setAttribute("points", [...points(values.map((many) => Math.max(...many))), ...low].join(" "));
        group.querySelector("polyline").setAttribute("points", points(values.map(mean)).join(" "));
        group.querySelectorAll("circle").forEach((dot, n) => dot.setAttribute("cy", place(mean(values[n])).toFixed(1)));
      }
      const ruler = this.part("ruler");
      for (const end of ["x1", "x2"]) ruler.setAttribute(end, plot.xs[at]);
      const unit = measure === "exact" ? " %" : " BLEU";
      const told = shown.map((kind) => `${names[kind]} ${say(100 * mean(series[kind][measure][at]), 1)}${unit}`);
      this.tell(told.length ? `${lengths[at]} words: ${told.join(", ")}.` : "No curve is shown.");
      const curve = (kind) => `${names[kind]} ${series[kind][measure].map((many) => say(100 * mean(many), 0) + unit).join(", ")}`;
      this.label(`By the source's length (${lengths.join(", ")} words): ${shown.map(curve).join("; ")}.`);
      this.table(
        ["words", ...Object.values(names)],
        lengths.map((length, n) => [length, ...Object.keys(names).map((kind) => mean(series[kind][measure][n]))]),
      );
    }
  },
);
