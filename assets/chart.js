/* The chart as one thing: takes the server's drawing, shows it with the ranges in force, at most five times a second. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = window.dash_clientside.pairwatch || {};
window.dash_clientside.pairwatch.chart = {}; // what the chart's files share with each other; this file is loaded first
Object.assign(window.dash_clientside.pairwatch, (() => {
  const REST_MS = 200; // between two pictures of new data; a hand's own movement does not wait
  const own = () => window.dash_clientside.pairwatch.chart;
  const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run
  let decoded = null;
  let model = null;
  let painting = false;
  let wanted = null; // "data" or "hand": why the picture on the screen is not the one to be shown
  let paintedAt = 0;
  let timer = 0;
  let holds = 0; // hands at work: the picture stands still for them

  function draw(drawing) {
    decoded = decoded || own().decoder();
    model = own().modelOf(drawing, decoded);
    document.querySelector(".charts").dataset.panes = model.panes.length; // the stylesheet gives more panes more room
    if (!Number.isFinite(model.first)) {
      tell(drawing);
      return;
    }
    own().start(model);
    repaint("data");
  }

  /* No row yet: a sentence, which has neither axes nor a range. */
  function tell(drawing) {
    model = null;
    own().clearTags();
    window.dash_clientside.set_props("chart", { figure: drawing });
  }

  /* Ask for a picture. Many wishes become one; none is lost while another is being drawn. */
  function repaint(why) {
    if (wanted !== "hand") wanted = why;
    if (painting || !model) return;
    if (wanted === "data" && holds) return;
    clearTimeout(timer);
    const wait = wanted === "hand" ? 0 : Math.max(0, paintedAt + REST_MS - performance.now());
    if (wait) timer = setTimeout(paint, wait);
    else requestAnimationFrame(paint);
  }

  async function paint() {
    if (painting || !wanted || !model) return;
    if (wanted === "data" && holds) return;
    painting = true;
    wanted = null;
    paintedAt = performance.now();
    const [from, to] = own().seen(model);
    await own().paint(model, [from, to], own().heights(model, from, to));
    painting = false;
    if (wanted) repaint(wanted);
  }

  /* While a hand is at work no new data move under it. */
  function hold() {
    holds += 1;
    own().handAt(true);
  }

  function release() {
    holds = Math.max(0, holds - 1);
    if (holds) return;
    own().handAt(false);
    if (wanted) repaint(wanted);
  }

  const modelNow = () => model;

  const inFront = () => window.location.pathname.replace(/\/+$/, "") === "";

  /* Another view was chosen, or another page: Dash has written an address that knows nothing of the range. */
  function place(_search, _path) {
    setTimeout(() => {
      if (inFront()) own().written();
    });
    return same();
  }

  window.addEventListener("popstate", () => {
    if (!inFront()) return;
    own().readAddress();
    repaint("hand");
  });

  /* The address may say a range when the page comes; its parts are there once all files have run. */
  document.addEventListener("DOMContentLoaded", () => own().readAddress());

  Object.assign(window.dash_clientside.pairwatch.chart, {
    repaint, hold, release, modelNow, held: () => holds > 0,
  });
  return { draw, place };
})());
