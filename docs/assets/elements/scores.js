// Three scores of one query that can be turned, stretched and dragged.
import { LiveFigure, dot, say, softmax } from "./figure.js";

const times = (matrix, vector) => matrix.map((row) => dot(row, vector));

customElements.define(
  "attend-scores",
  class extends LiveFigure {
    prepare() {
      const svg = this.querySelector("svg");
      const [angle] = this.controls("angle");
      const [length] = this.controls("length");
      const drag = (event) => {
        if (!event.buttons) return;
        const box = svg.getBoundingClientRect();
        const scale = svg.viewBox.baseVal.width / box.width;
        const { centre, unit } = this.data.plot;
        const x = ((event.clientX - box.left) * scale - centre[0]) / unit;
        const y = (centre[1] - (event.clientY - box.top) * scale) / unit;
        if (y < -2.4) return; // among the bars
        angle.value = (Math.atan2(y, x) * 180) / Math.PI;
        length.value = Math.hypot(x, y);
        this.update();
      };
      svg.addEventListener("pointerdown", drag);
      svg.addEventListener("pointermove", drag);
    }

    shows(name) {
      return name === "angle" ? `${say(this.value(name), 0)}°` : null;
    }

    scores(q) {
      const { keys, W, W_q, W_k, v } = this.data;
      const asked = times(W_q, [...q, 1]);
      return {
        dot: keys.map((key) => dot(q, key)),
        general: keys.map((key) => dot(q, times(W, key))),
        additive: keys.map((key) => dot(v, times(W_k, key).map((value, unit) => Math.tanh(asked[unit] + value)))),
      };
    }

    draw() {
      const { words, plot } = this.data;
      const radians = (this.value("angle") * Math.PI) / 180;
      const q = [Math.cos(radians), Math.sin(radians)].map((part) => part * this.value("length"));
      const [x, y] = [plot.centre[0] + plot.unit * q[0], plot.centre[1] - plot.unit * q[1]].map((end) => end.toFixed(1));
      for (const [name, value] of [["x2", x], ["y2", y]]) this.part("query").setAttribute(name, value);
      for (const [name, value] of [["cx", x], ["cy", y]]) this.part("tip").setAttribute(name, value);
      const found = this.scores(q);
      const weights = {};
      for (const [kind, values] of Object.entries(found)) {
        weights[kind] = softmax(values);
        this.bar(this.querySelector(`[data-kind="${kind}"]`), weights[kind]);
      }
      const kinds = Object.keys(found);
      const most = (kind) => words[found[kind].indexOf(Math.max(...found[kind]))];
      this.tell(`Most weight: ${kinds.map((kind) => `${kind} on ${most(kind)}`).join(", ")}.`);
      const shares = (kind) => `${kind} ${words.map((word, s) => `${word} ${say(weights[kind][s])}`).join(", ")}`;
      this.label(`A query and three keys in the plane, and the weights that three scores give: ${kinds.map(shares).join("; ")}.`);
      this.table(
        ["", ...kinds.flatMap((kind) => [`${kind}: score`, "weight"])],
        words.map((word, s) => [word, ...kinds.flatMap((kind) => [found[kind][s], weights[kind][s]])]),
      );
    }

    // One unit of attention, cut into shares.
    bar(group, shares) {
      let x = this.data.plot.left;
      group.querySelectorAll("rect").forEach((rect, s) => {
        const wide = this.data.plot.width * shares[s];
        rect.setAttribute("x", x.toFixed(1));
        rect.setAttribute("width", wide.toFixed(1));
        const label = group.querySelectorAll("g")[s];
        label.setAttribute("transform", `translate(${(x + wide / 2).toFixed(1)} ${rect.getAttribute("y")})`);
        label.style.visibility = shares[s] < 0.22 ? "hidden" : "";
        label.lastElementChild.textContent = say(shares[s]);
        x += wide;
      });
    }
  },
);
