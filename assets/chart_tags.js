/* What Plotly would call annotations: the newest values, the names of levels and stretches, the zone. They stand in the
   layer over the chart, because Plotly measures each of them anew, and has the page laid out for it, at every picture. */
Object.assign(window.dash_clientside.pairwatch.chart, (() => {
  const TALL_PX = 17; // a tag with its border
  const own = () => window.dash_clientside.pairwatch.chart;
  const layer = () => own().part("chart__tags");
  const ANCHORS = { left: "0", center: "-50%", right: "-100%", top: "0", middle: "-50%", bottom: "-100%" };
  let tags = [];

  /* The newest z and the names of the levels share the right margin: a name that the newest value would cover makes
     room. height: of the plotting area, in px. */
  function roomy(model, ranges, height) {
    const all = model.layout.annotations || [];
    const newest = all.find((one) => one.name === "newest:zscore");
    const pane = model.panes.find(([name]) => name === "zscore");
    const range = newest && ranges[axisOf(newest)];
    if (!range || !pane) return all;
    const pxOfOne = (height * (pane[2] - pane[1])) / (range[1] - range[0]);
    const above = (one) => (one.y - newest.y) * pxOfOne;
    const names = all.filter((one) => one.yref === newest.yref && one.x === newest.x && /^level:/.test(one.name));
    const taken = [];
    const placed = new Map();
    const covered = (one) => Math.abs(above(one)) < TALL_PX;
    for (const one of names.filter((name) => !covered(name))) placed.set(one, at(above(one), one, taken));
    for (const one of names.filter(covered)) placed.set(one, at(above(one) < 0 ? -TALL_PX : TALL_PX, one, taken, above(one)));
    return all.map((one) => placed.get(one) || one).filter((one) => one.visible !== false);
  }

  /* Where another name stands already, the line speaks for itself. */
  function at(place, one, taken, from = place) {
    if (taken.some((other) => Math.abs(other - place) < TALL_PX)) return { ...one, visible: false };
    taken.push(place);
    return { ...one, yshift: (one.yshift || 0) + place - from };
  }

  const axisOf = (one) => `yaxis${one.yref.slice(1)}`;

  function leftOf(one, { area, from, to }) {
    if (one.xref === "paper") return area.left + one.x * area.width;
    const time = Date.parse(`${one.x.replace(" ", "T")}Z`);
    return time < from || time > to ? null : own().leftOf(time);
  }

  function topOf(one, { area }, layout, ranges) {
    if (one.yref === "paper") return area.top + (1 - one.y) * area.height;
    const axis = layout[axisOf(one)];
    const range = ranges[axisOf(one)] || axis.range;
    if (!range) return null; // nothing of this axis is in view
    const [low, high] = range;
    const [bottom, top] = (axis.domain || layout[`yaxis${axis.overlaying.slice(1)}`].domain).map((y) => area.top + (1 - y) * area.height);
    return one.y < low || one.y > high ? null : bottom - ((one.y - low) / (high - low)) * (bottom - top);
  }

  function styleOf(one, left, top) {
    const [x, y] = [left + (one.xshift || 0), top - (one.yshift || 0)];
    const { size, color } = one.font;
    const styles = {
      transform: `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(${ANCHORS[one.xanchor]}, ${ANCHORS[one.yanchor || "middle"]})`,
      color,
      background: one.bgcolor || "none",
      "border-color": one.borderwidth ? one.bordercolor : "transparent",
      "font-size": `${size}px`,
      "min-width": one.width ? `${one.width}px` : "0",
      "text-align": one.align || "center",
    };
    return Object.entries(styles).map((pair) => pair.join(":")).join(";");
  }

  /* Put every tag of the picture that is on the screen into its place. */
  function placeTags(model, place, ranges) {
    tags = roomy(model, ranges, place.area.height);
    const { layout } = model;
    const placed = tags.map((one) => [one, leftOf(one, place), topOf(one, place, layout, ranges)]);
    show(placed.filter(([, left, top]) => left !== null && top !== null));
  }

  function show(placed) {
    const box = layer();
    while (box.children.length > placed.length) box.lastChild.remove();
    while (box.children.length < placed.length) box.append(document.createElement("span"));
    placed.forEach(([one, left, top], n) => {
      const tag = box.children[n];
      const [words, style] = [one.text.replaceAll("<br>", "\n"), styleOf(one, left, top)];
      if (tag.textContent !== words) tag.textContent = words;
      if (tag.dataset.name !== one.name) tag.dataset.name = one.name;
      if (tag.pairwatchStyle === style) return;
      tag.pairwatchStyle = style;
      tag.style.cssText = style;
    });
  }

  return { placeTags, clearTags: () => show([]), tagsNow: () => tags };
})());
