// What the live figures share. The page holds the figure in its first state; a figure's `draw` changes what stands there.

export class LiveFigure extends HTMLElement {
  connectedCallback() {
    this.near = new IntersectionObserver((seen) => seen.some((entry) => entry.isIntersecting) && this.begin());
    this.near.observe(this);
    this.addEventListener("input", () => (this.data ? this.update() : this.begin()));
  }

  // Nothing needs drawing before somebody sees the figure, or works a control.
  begin() {
    this.near.disconnect();
    if (this.data) return;
    this.data = JSON.parse(this.querySelector("script").textContent);
    this.prepare?.();
    this.update(); // a browser may have kept a control's old value
  }

  update() {
    for (const output of this.querySelectorAll("output"))
      output.textContent = this.shows?.(output.dataset.shows) ?? say(this.value(output.dataset.shows));
    this.draw();
  }

  // The element the build marked with data-part.
  part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  controls(name) {
    return [...this.querySelectorAll(`[data-control="${name}"]`)];
  }

  // A slider's number, a menu's place, the value of the radio button that is chosen.
  value(name) {
    const found = this.controls(name);
    return found[0].type === "radio" ? found.find((radio) => radio.checked).value : Number(found[0].value);
  }

  tell(text) {
    if (this.part("status").textContent !== text) this.part("status").textContent = text;
  }

  // What the drawing shows, for who cannot see it.
  label(text) {
    this.querySelector("svg").setAttribute("aria-label", text);
  }

  table(head, rows) {
    const cell = (value) => (typeof value === "number" ? say(value, 3) : value);
    const columns = head.map((name) => (name ? `<th scope="col">${name}</th>` : "<td></td>")).join("");
    const lines = rows.map(
      ([first, ...rest]) =>
        `<tr><th scope="row">${cell(first)}</th>${rest.map((value) => `<td>${cell(value)}</td>`).join("")}</tr>`,
    );
    this.part("table").innerHTML =
      `<table class="numbers"><thead><tr>${columns}</tr></thead><tbody>${lines.join("")}</tbody></table>`;
  }
}

// A number as the pages write it: a real minus sign, and none before zero.
export function say(value, digits = 2) {
  const text = value.toFixed(digits);
  return (Number(text) ? text : text.replace("-", "")).replace("-", "−");
}

// Weights that add up to one over the allowed scores; all zero where nothing is allowed.
export function softmax(scores, allowed = () => true) {
  const most = Math.max(...scores.filter((_, place) => allowed(place)));
  const raised = scores.map((score, place) => (allowed(place) ? Math.exp(score - most) : 0));
  const sum = raised.reduce((total, value) => total + value, 0);
  return raised.map((value) => (sum ? value / sum : 0));
}

export const dot = (a, b) => a.reduce((sum, value, place) => sum + value * b[place], 0);

export const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
