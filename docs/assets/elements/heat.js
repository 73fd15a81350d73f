// A heat map of weights, as the build's `heat_map` writes it: filled by a figure, walked through by arrow keys or pointer.
import { escaped, say } from "./figure.js";

// Put the weights in; the table is made anew only where its words change.
export function fill(table, columns, rows, weights) {
  const many = table.classList.contains("heat--many");
  const words = [...columns, "→", ...rows].join(" ");
  const there = [...table.querySelectorAll("th")].map((head) => head.textContent);
  if ([...there.slice(0, columns.length), "→", ...there.slice(columns.length)].join(" ") !== words) {
    const head = columns.map((word) => `<th scope="col"><span>${escaped(word)}</span></th>`).join("");
    const cells = columns.map(() => "<td tabindex=-1></td>").join("");
    table.tHead.innerHTML = `<tr><td></td>${head}</tr>`;
    table.tBodies[0].innerHTML = rows.map((word) => `<tr><th scope="row">${escaped(word)}</th>${cells}</tr>`).join("");
    table.tBodies[0].querySelector("td").tabIndex = 0;
  }
  weights.forEach((line, t) =>
    line.forEach((weight, s) => {
      const cell = table.tBodies[0].rows[t].cells[s + 1];
      cell.style.setProperty("--w", weight.toFixed(3));
      if (many) cell.setAttribute("aria-label", say(weight));
      else cell.textContent = say(weight);
    }),
  );
}

// One tab stop for the whole table; `tell(row, column)` hears which cell is looked at.
export function walk(table, tell) {
  const place = (cell) => [cell.parentElement.rowIndex - 1, cell.cellIndex - 1];
  const heard = (event) => {
    const cell = event.target.closest("tbody td");
    if (cell) tell(...place(cell));
  };
  table.addEventListener("pointerover", heard);
  table.addEventListener("focusin", heard);
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("tbody td");
    if (!cell) return;
    const [row, column] = place(cell);
    const body = table.tBodies[0].rows;
    const moves = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, body[0].cells.length - 2],
    };
    const next = body[moves[event.key]?.[0]]?.cells[moves[event.key][1] + 1];
    if (!moves[event.key]) return;
    event.preventDefault();
    if (!next || next.tagName !== "TD") return;
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
}
