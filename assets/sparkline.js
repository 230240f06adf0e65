/* A sparkline of hundredths of z, as one small drawing; null is a gap. The line at zero is the mean. */
window.pairwatch = window.pairwatch || {};
window.pairwatch.sparkline = (() => {
  const SPACE = "http://www.w3.org/2000/svg";
  const WIDTH = 60;
  const HEIGHT = 18;
  const LEAST = 250; // quiet pairs are not blown up: the picture spans 2.5 deviations to either side at least

  function path(points) {
    const top = Math.max(LEAST, ...points.map((point) => Math.abs(point ?? 0)));
    const at = (point, i) => {
      const x = points.length > 1 ? (i * WIDTH) / (points.length - 1) : WIDTH;
      return `${x.toFixed(1)} ${((HEIGHT - 2) * (0.5 - point / (2 * top)) + 1).toFixed(1)}`;
    };
    let drawing = "";
    let pen = "M";
    points.forEach((point, i) => {
      if (point === null) pen = "M";
      else {
        drawing += `${pen}${at(point, i)}`;
        pen = "L";
      }
    });
    return drawing;
  }

  function element(name, attributes) {
    const made = document.createElementNS(SPACE, name);
    for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
    return made;
  }

  /* An empty picture, to be filled by `draw`. */
  function blank() {
    const svg = element("svg", {
      class: "spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true",
    });
    svg.append(
      element("line", { class: "spark__zero", x1: 0, x2: WIDTH, y1: HEIGHT / 2, y2: HEIGHT / 2 }),
      element("path", { class: "spark__line" }),
    );
    return svg;
  }

  function draw(svg, points) {
    const line = svg.lastChild;
    const drawing = path(points);
    if (line.getAttribute("d") !== drawing) line.setAttribute("d", drawing);
  }

  return { blank, draw, path, WIDTH, HEIGHT };
})();
