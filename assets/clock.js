/* What only the browser can do with time: tell the second, notice a silent server, name the tab. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const SILENT_MS = 4000;
  const RETRY_MS = 2000;
  const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run
  let heardAt = Date.now();
  let triedAt = 0;
  let lastFeed = null;
  let name = "";

  function show(word) {
    window.pairwatch.titled([name, word].filter(Boolean).join(" · ") || "Pairwatch");
  }

  function second(_n, feed) {
    const now = Date.now();
    if (feed !== lastFeed) {
      lastFeed = feed;
      heardAt = now;
    }
    const { zone } = window.pairwatch;
    const clock = `${zone.second(now)} ${zone.distance()}`;
    const silent = now - heardAt;
    if (silent < SILENT_MS) return [clock, "", "banner banner--none", same(), same(), same()];
    const told = `No answer from Pairwatch for ${Math.floor(silent / 1000)} s. Everything below is as old as that.`;
    const retry = now - triedAt >= RETRY_MS;
    if (retry) triedAt = now;
    show("NO ANSWER");
    const awake = retry ? false : same();
    return [clock, told, "banner banner--bad banner--lost", awake, awake, awake];
  }

  /* The pair's page is named by what the analysis says, every other one by its own title. */
  function title(pair, feed, page, routes) {
    const seen = routes.find((route) => route.name === page);
    name = !seen || seen.path === "/" ? pair || "" : seen.title;
    show(feed && feed.word);
    return same();
  }

  return { second, title };
})());
