/* The newest z and the names of the levels share the right margin: a name that the newest value would cover makes room. */
Object.assign(window.dash_clientside.pairwatch.chart, (() => {
  const TALL_PX = 17; // a tag with its border

  /* The annotations of the model as they are to be drawn. height: of the plotting area, in px. */
  function roomy(model, ranges, height) {
    const all = model.layout.annotations || [];
    const newest = all.find((one) => one.name === "newest:zscore");
    const pane = model.panes.find(([name]) => name === "zscore");
    const range = newest && ranges[`yaxis${newest.yref.slice(1)}`];
    if (!range || !pane) return all;
    const pxOfOne = (height * (pane[2] - pane[1])) / (range[1] - range[0]);
    const above = (one) => (one.y - newest.y) * pxOfOne;
    const names = all.filter((one) => one.yref === newest.yref && one.x === newest.x && /^level:/.test(one.name));
    const taken = [];
    const placed = new Map();
    const covered = (one) => Math.abs(above(one)) < TALL_PX;
    for (const one of names.filter((name) => !covered(name))) placed.set(one, at(above(one), one, taken));
    for (const one of names.filter(covered)) placed.set(one, at(above(one) < 0 ? -TALL_PX : TALL_PX, one, taken, above(one)));
    return all.map((one) => placed.get(one) || one);
  }

  /* Where another name stands already, the line speaks for itself. */
  function at(place, one, taken, from = place) {
    if (taken.some((other) => Math.abs(other - place) < TALL_PX)) return { ...one, visible: false };
    taken.push(place);
    return { ...one, yshift: (one.yshift || 0) + place - from };
  }

  return { roomy };
})());
