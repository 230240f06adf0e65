/* The rows of the watchlist as this tab knows them. The server sends the rows that have changed; whoever shows rows is
   told of it, and once a second so that ages go on. Times are told by the server's clock. */
window.pairwatch = window.pairwatch || {};
window.pairwatch.glances = (() => {
  const rows = new Map(); // by key: the address of the pair's own view
  const listeners = [];
  const seconds = [];
  const SILENT_MS = 5000;
  const head = { list: null, lists: [], keys: [], present: null, entry: null };
  let ahead = 0; // the server's clock minus ours
  let heardAt = 0;
  let woken = 0;
  let second = 0;

  const now = () => Date.now() + ahead;

  function take(news) {
    heardAt = Date.now();
    ahead = news.now - heardAt;
    for (const name of Object.keys(head)) head[name] = news[name];
    for (const row of news.rows) rows.set(row.key, row);
    for (const key of rows.keys()) if (!head.keys.includes(key)) rows.delete(key);
    for (const listener of listeners) listener();
  }

  /* Winding the timer up while an answer is on its way would only ask twice: not more often than every few seconds. */
  function wake(time) {
    if (time - heardAt < SILENT_MS || time - woken < SILENT_MS) return;
    woken = time;
    window.dash_clientside.set_props("glance-timer", { disabled: false }); // a failed request leaves it disabled for ever
  }

  /* Called twice a second by the clock. */
  function tick(time) {
    wake(time);
    if (Math.floor(time / 1000) === second) return;
    second = Math.floor(time / 1000);
    for (const listener of seconds) listener();
  }

  /* In the user's own order. */
  const all = () => head.keys.map((key) => rows.get(key)).filter(Boolean);

  /* Beyond their entry level, the farthest first. */
  const beyond = () => all().filter((row) => row.since !== null).sort((a, b) => Math.abs(b.z) - Math.abs(a.z));

  /* A span of time in the unit that a glance takes in, as the server writes it. */
  function span(milliseconds) {
    const s = Math.max(Math.floor(milliseconds / 1000), 0);
    if (s >= 86400) return `${Math.floor(s / 86400)} d`;
    if (s >= 3600) return `${Math.floor(s / 3600)} h`;
    return s >= 120 ? `${Math.floor(s / 60)} min` : `${s} s`;
  }

  return {
    head, take, tick, all, beyond, span, now,
    row: (key) => rows.get(key),
    onRows: (listener) => listeners.push(listener),
    onSecond: (listener) => seconds.push(listener),
  };
})();

/* The one address of a row: its own settings, in the chart's present style. Which part of time is seen stays too. */
window.pairwatch.openRow = (key) => {
  const wanted = new URLSearchParams(key);
  for (const [name, value] of new URLSearchParams(window.location.search)) {
    if (["style", "prices", "panes", "marks", "span"].includes(name)) wanted.set(name, value);
  }
  window.dash_clientside.set_props("url", { pathname: "/", search: `?${wanted}` });
};

/* What the user asks of the list; the server does it. */
window.pairwatch.askOfList = (what, more = {}) => {
  window.dash_clientside.set_props("watch", { data: { do: what, ...more, at: Date.now() } });
};

window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, {
  glanced: (news) => window.pairwatch.glances.take(news),
});
