/* The row below the chart: options go to the address, which the server reads; presets show where they fit; what is seen
   becomes a picture here and a table at the server. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = window.dash_clientside.pairwatch || {};
Object.assign(window.dash_clientside.pairwatch, (() => {
  const UNITS = { s: 1000, m: 60000, h: 3600000, d: 86400000 };
  const FEWEST_BARS = 15;
  const PICTURE_SCALE = 2;
  const TITLE_PX = 34;
  const own = () => window.dash_clientside.pairwatch.chart;
  const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run
  const row = () => document.getElementById("chart-controls");
  const lasting = (text) => Number(text.slice(0, -1)) * UNITS[text.slice(-1)];
  const optionsOf = () => Array.from(row().querySelectorAll("[data-field]"));

  /* Several options share a field: what is on is one of its words. Marks are on unless the address says 0. */
  const wordsOf = (fields, name) => (fields.get(name) || (name === "marks" ? "1" : "")).split(",").filter(Boolean);

  function toggled(fields, button) {
    const { field, on } = button.dataset;
    const words = wordsOf(fields, field);
    const next = words.includes(on) ? words.filter((word) => word !== on) : [...words, on];
    if (field === "marks") fields.set(field, next.length ? "1" : "0");
    else if (next.length) fields.set(field, next.sort().join(","));
    else fields.delete(field);
    return fields;
  }

  /* A press on an option, as the address of the view with it. The range is put back by the chart itself. */
  function chartOption(...inputs) {
    const view = inputs[inputs.length - 1];
    const pressed = document.getElementById(window.dash_clientside.callback_context.triggered_id || "");
    if (!pressed || !view) return same();
    return `?${toggled(new URLSearchParams(view), pressed)}`;
  }

  function chartOptions(view) {
    if (!view || !row()) return;
    const fields = new URLSearchParams(view);
    for (const button of optionsOf()) {
      button.setAttribute("aria-pressed", String(wordsOf(fields, button.dataset.field).includes(button.dataset.on)));
    }
    const timeframe = fields.get("tf");
    const bar = timeframe === "tick" ? 0 : lasting(timeframe);
    const held = bar * Number(fields.get("window")) * 5; // the sample is five windows long
    for (const preset of row().querySelectorAll('[data-chart^="span:"]')) {
      const span = preset.dataset.chart.slice(5);
      if (span !== "all") preset.hidden = bar ? lasting(span) < FEWEST_BARS * bar || lasting(span) >= held : lasting(span) > UNITS.h;
    }
  }

  /* What is seen now, as UTC: the server writes the rows between. */
  function csvWanted(_clicks) {
    const model = own().modelNow();
    if (!model) return same();
    const [from, to] = own().seen(model);
    return { from: Math.floor(from - model.offset), to: Math.ceil(Math.min(to, model.last) - model.offset), at: Date.now() };
  }

  const plain = (element) => Array.from(element.childNodes, (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.textContent;
    if (node.getAttribute("role") === "tooltip" || node.getAttribute("aria-hidden") === "true") return "";
    return ` ${plain(node)}`;
  }).join("").replace(/\s+/g, " ").trim();

  /* The panes' names and newest values stand beside the plot on the page; in a picture they are part of it. */
  function captions(model, colour) {
    const font = { size: 11, color: colour };
    const base = { xref: "paper", yref: "paper", showarrow: false, xanchor: "left", font };
    const named = model.layout.meta.panes.map(([name, , top]) => {
      const header = document.querySelector(`.pane__header[data-pane="${name}"]`);
      const parts = header ? Array.from(header.querySelectorAll("strong, .pane__newest"), plain) : [name];
      return { ...base, x: 0, y: top, yanchor: "bottom", text: parts.filter(Boolean).join("   ") };
    });
    const fields = new URLSearchParams(window.location.search);
    const pair = (fields.get("pair") || "").replace("-", " / ");
    const words = [pair, fields.get("tf"), `window ${fields.get("window")}`, `Pairwatch, ${new Date().toISOString().slice(0, 19)}Z`];
    const title = { ...base, x: 0, y: 1, yanchor: "bottom", yshift: TITLE_PX - 12, text: words.join("   "), font: { ...font, size: 13 } };
    return [...named, title];
  }

  async function savePicture() {
    const figure = document.querySelector("#chart .js-plotly-plot");
    const model = own().modelNow();
    if (!figure || !model || !window.Plotly) return;
    const { width, height } = figure.getBoundingClientRect();
    const colour = getComputedStyle(figure).color;
    const layout = {
      ...figure.layout,
      margin: { ...figure.layout.margin, t: figure.layout.margin.t + TITLE_PX },
      annotations: [...own().tagsNow(), ...captions(model, colour)],
    };
    const size = { format: "png", width: Math.round(width), height: Math.round(height) + TITLE_PX, scale: PICTURE_SCALE };
    const picture = await window.Plotly.toImage({ data: figure.data, layout }, size);
    const link = document.createElement("a");
    link.href = picture;
    link.download = `pairwatch-${new URLSearchParams(window.location.search).get("pair") || "chart"}-${new Date().toISOString().slice(0, 19).replace(/[-:]/g, "")}Z.png`;
    link.click();
    document.getElementById("chart-saved").textContent = `${link.download} saved`;
  }

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("button");
    if (button && button.id === "chart-png") savePicture();
  });

  return { chartOption, chartOptions, csvWanted };
})());
