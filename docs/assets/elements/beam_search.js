// Beam search: one round after another, and the ranking under both penalties.
import { LiveFigure, say } from "./figure.js";

customElements.define(
  "attend-beam-search",
  class extends LiveFigure {
    shows(name) {
      return name === "round" ? `${this.value("round")} of ${this.controls("round")[0].max}` : null;
    }

    // Equation 14 of Wu et al. 2016, over what the search found.
    ranked(hypotheses) {
      const alpha = this.value("alpha");
      const beta = this.value("beta");
      return hypotheses
        .map(({ words, log_prob, length, covered }) => {
          const penalty = ((5 + length) / 6) ** alpha;
          const logs = covered.map((sum) => Math.log(Math.min(Math.max(sum, 1e-8), 1)));
          const coverage = beta * logs.reduce((total, log) => total + log, 0);
          return [words, log_prob, penalty, coverage, log_prob / penalty + coverage];
        })
        .sort((one, other) => other[4] - one[4]);
    }

    draw() {
      const size = this.value("beam");
      const round = this.value("round");
      const { rounds, hypotheses } = this.data.searches[size];
      for (const drawing of this.querySelectorAll("[data-beam]")) {
        drawing.hidden = drawing.dataset.beam !== size;
        for (const group of drawing.querySelectorAll("[data-round]"))
          group.style.visibility = Number(group.dataset.round) > round ? "hidden" : "";
      }
      const done = round >= rounds.length;
      const ranking = this.ranked(hypotheses);
      const body = this.part("ranking").querySelector("tbody");
      const line = ([words, ...values]) =>
        `<tr><th scope="row">${words}</th>${values.map((value) => `<td>${say(value, 3)}</td>`).join("")}</tr>`;
      body.innerHTML = done ? ranking.map(line).join("") : '<tr><th scope="row">not yet</th><td colspan="4"></td></tr>';
      const now = rounds[Math.min(round, rounds.length) - 1];
      const told = (fate) => now.filter((one) => one[2] === fate).map(([words]) => words).join(", ") || "nothing";
      this.tell(
        done
          ? `Beam of ${size}, round ${round}. Best: ${ranking[0][0]}, score ${say(ranking[0][4])}.`
          : `Beam of ${size}, round ${round}. Kept: ${told("kept")}. Finished: ${told("finished")}.`,
      );
      this.table(
        ["beginning", "round", "log p", "fate"],
        rounds.slice(0, round).flatMap((many, n) => many.map(([words, log_prob, fate]) => [words, String(n + 1), log_prob, fate])),
      );
    }
  },
);
