// <attend-progress topic="SLUG" exercises="softmax attend">0 of 2 done</attend-progress>: how many have passed here.
import { read } from "./store.js";

class Progress extends HTMLElement {
  connectedCallback() {
    this.show();
    addEventListener("attend:stored", () => this.show());
    addEventListener("storage", () => this.show()); // another tab
  }

  show() {
    const names = this.getAttribute("exercises").split(" ");
    const done = names.filter((name) => read("passed", this.getAttribute("topic"), name) !== null).length;
    this.textContent = `${done} of ${names.length} done`;
  }
}
customElements.define("attend-progress", Progress);
