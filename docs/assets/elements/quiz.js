// A topic's quiz: says what an answer is worth, and remembers it in this browser under `attend:quiz:TOPIC`.

customElements.define(
  "attend-quiz",
  class extends HTMLElement {
    connectedCallback() {
      this.key = `attend:quiz:${this.dataset.topic}`;
      this.questions = [...this.querySelectorAll("fieldset")];
      this.reasons = [...this.querySelectorAll("details ol")];
      this.addEventListener("change", (event) => {
        this.judge(this.questions.indexOf(event.target.closest("fieldset")));
        this.remember();
      });
      this.remembered().forEach((place, n) => {
        const radio = this.questions[n]?.querySelectorAll("input")[place];
        if (radio) radio.checked = true;
      });
      this.questions.forEach((_, n) => this.judge(n));
    }

    chosen(question) {
      return [...question.querySelectorAll("input")].findIndex((radio) => radio.checked);
    }

    judge(n) {
      const question = this.questions[n];
      const place = this.chosen(question);
      if (place < 0) return;
      const reason = this.reasons[n].children[place];
      const right = reason.hasAttribute("data-right");
      question.dataset.verdict = right ? "right" : "wrong";
      const verdict = document.createElement("strong");
      verdict.textContent = right ? "Right. " : "Not quite. ";
      question.querySelector(".quiz__feedback").replaceChildren(verdict, ...reason.querySelector("span").cloneNode(true).childNodes);
    }

    // A browser that keeps nothing, or kept something else, is no reason to fail.
    remembered() {
      try {
        const places = JSON.parse(localStorage.getItem(this.key));
        return Array.isArray(places) ? places : [];
      } catch {
        return [];
      }
    }

    remember() {
      try {
        localStorage.setItem(this.key, JSON.stringify(this.questions.map((question) => this.chosen(question))));
      } catch {
        // the answers last as long as the page
      }
    }
  },
);
