/* Which page is seen: the one that the address names, else the pair's. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const PULSE_MS = 500;
  const RESTING_PULSE_MS = 2000; // the pair's page is not in front: only the feed's state is told
  const RESTS = 0;
  const RUNS = -1;

  function mark(link, on) { // dcc.Link takes no aria attributes
    const element = document.getElementById(link);
    if (on) element.setAttribute("aria-current", "page");
    else element.removeAttribute("aria-current");
  }

  /* The view stays in the address on the way, and a page that is not seen lets its timer rest. */
  function route(path, search, routes) {
    const place = (path || "").replace(/\/+$/, "") || "/";
    const seen = routes.find((one) => one.path === place) || routes.find((one) => one.path === "/");
    const view = search || "";
    for (const one of routes) mark(`to-${one.name}`, one === seen);
    const tests = routes.find((one) => one.name === "diagnostics");
    return [
      seen.name,
      `shell shell--${seen.name}${seen.controls ? "" : " shell--bare"}`,
      seen.path === "/" ? PULSE_MS : RESTING_PULSE_MS,
      `${tests.path}${view}`,
      ...routes.map((one) => `${one.path}${view}`),
      ...routes.map((one) => (one === seen ? "rail__link rail__link--on" : "rail__link")),
      ...routes.filter((one) => one.timer).map((one) => (one === seen ? RUNS : RESTS)),
    ];
  }

  return { route };
})());
