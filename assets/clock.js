/* What only the browser can do with time: tell the second, notice a silent server, name the tab, wake timers up. Plain
   scripts: a Dash callback twice a second would cost more than everything it says. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const TICK_MS = 500; // twice a second, so that no second of the clock is skipped
  const SILENT_MS = 4000;
  const RETRY_MS = 2000;
  const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run
  const element = (id) => document.getElementById(id);
  let heardAt = Date.now();
  let triedAt = 0;
  let lastFeed = null;
  let pair = ""; // what the analysis calls itself
  let page = null; // the title of the page in front; null for the pair's own

  function show(word) {
    window.pairwatch.titled([page ?? pair, word].filter(Boolean).join(" · ") || "Pairwatch");
  }

  /* The stylesheet greys by what <html> says. */
  function tellRoot(state) {
    const root = document.documentElement;
    if ((root.dataset.feed || "") === state) return;
    if (state) root.dataset.feed = state;
    else delete root.dataset.feed;
  }

  const feedState = () => (lastFeed && lastFeed.stale ? "stale" : "");

  function write(id, text) {
    if (element(id).textContent !== text) element(id).textContent = text;
  }

  function tick() {
    if (!element("clock")) return; // Dash has not yet put the page together
    const now = Date.now();
    const { zone } = window.pairwatch;
    write("clock", `${zone.second(now)} ${zone.distance()}`);
    const silent = now - heardAt >= SILENT_MS;
    tellLost(silent ? Math.floor((now - heardAt) / 1000) : 0);
    if (silent) awake(now);
    window.pairwatch.glances.tick(now);
  }

  function tellLost(seconds) {
    const told = seconds ? `No answer from Pairwatch for ${seconds} s. Everything below is as old as that.` : "";
    write("lost", told);
    element("lost").className = told ? "banner banner--bad banner--lost" : "banner banner--none";
    tellRoot(told ? "lost" : feedState());
    if (told) show("NO ANSWER");
  }

  /* A request that fails leaves its timer disabled for ever (Dash 4.4.1). */
  function awake(now) {
    if (now - triedAt < RETRY_MS) return;
    triedAt = now;
    for (const timer of ["pulse", "data-timer", "relate-timer", "costs-timer", "alerts-timer"]) window.dash_clientside.set_props(timer, { disabled: false });
  }

  /* The server has something new to say of its data. */
  function hearFeed(feed) {
    lastFeed = feed;
    heardAt = Date.now();
    tellRoot(feedState());
    show(feed.word);
  }

  /* The pair's page is named by what the analysis says, every other one by its own title. */
  function namePair(title) {
    pair = title;
    show(lastFeed && lastFeed.word);
  }

  function namePage(name, routes) {
    const seen = routes.find((route) => route.name === name);
    page = !seen || seen.path === "/" ? null : seen.title;
    show(lastFeed && lastFeed.word);
    return same();
  }

  setInterval(tick, TICK_MS);

  return { hearFeed, namePair, namePage };
})());
