// Glimpses: move two frames over an image, and see what they deliver.
import { LiveFigure, say } from "./figure.js";

customElements.define(
  "attend-glimpses",
  class extends LiveFigure {
    prepare() {
      const svg = this.querySelector("svg");
      const drag = (event) => {
        if (!event.buttons) return;
        const box = svg.getBoundingClientRect();
        const scale = svg.viewBox.baseVal.width / box.width;
        const { side, cell } = this.data;
        const place = (pixel) => (((pixel * scale - 2) / cell) * 2) / side - 1;
        const x = place(event.clientX - box.left);
        if (x > 1) return; // beside the image
        this.controls("across")[0].value = x;
        this.controls("down")[0].value = place(event.clientY - box.top);
        this.update();
      };
      svg.addEventListener("pointerdown", drag);
      svg.addEventListener("pointermove", drag);
    }

    // t10's glimpse: patch k covers size · 2^k pixels a side, averaged down to size; outside the image is zero.
    patch(image, centre, scale) {
      const { side, size } = this.data;
      const shrink = 2 ** scale;
      const corner = centre.map((part) => Math.floor(((part + 1) / 2) * side - (size * shrink) / 2 + 0.5));
      const pixel = (y, x) => (y < 0 || x < 0 || y >= side || x >= side ? 0 : image[y * side + x]);
      const values = Array.from({ length: size * size }, (_, n) => {
        const [top, left] = [corner[0] + shrink * Math.floor(n / size), corner[1] + shrink * (n % size)];
        let sum = 0;
        for (let y = 0; y < shrink; y++) for (let x = 0; x < shrink; x++) sum += pixel(top + y, left + x);
        return sum / shrink ** 2;
      });
      return { corner, values };
    }

    inside(box, corner, extent) {
      const covered = (axis) =>
        Math.max(Math.min(corner[axis] + extent, box[axis + 2]) - Math.max(corner[axis], box[axis]), 0);
      return (covered(0) * covered(1)) / ((box[2] - box[0]) * (box[3] - box[1]));
    }

    paint(part, values) {
      this.part(part)
        .querySelectorAll("rect")
        .forEach((rect, n) => rect.setAttribute("fill-opacity", values[n].toFixed(2)));
    }

    draw() {
      const { images, boxes, size, scales, cell } = this.data;
      const scene = this.value("scene");
      const centre = [this.value("down"), this.value("across")];
      this.paint("image", images[scene]);
      const rows = [];
      for (let scale = 0; scale < scales; scale++) {
        const { corner, values } = this.patch(images[scene], centre, scale);
        const extent = size * 2 ** scale;
        const frame = this.querySelector(`[data-frame="${scale}"]`);
        frame.setAttribute("y", 2 + cell * corner[0]);
        frame.setAttribute("x", 2 + cell * corner[1]);
        this.paint(`patch${scale}`, values);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        rows.push([scale ? "coarse" : "sharp", ...corner.map((first) => say(first, 0)), String(extent), mean, this.inside(boxes[scene], corner, extent)]);
      }
      const [sharp, coarse] = rows.map((row) => say(100 * row[5], 0));
      this.tell(
        `Centre (y, x) = (${say(centre[0])}, ${say(centre[1])}). The sharp patch covers ${sharp} % of the digit's box, the coarse one ${coarse} %.`,
      );
      this.table(["patch", "first row", "first column", "pixels wide", "mean", "of the digit's box"], rows);
    }
  },
);
