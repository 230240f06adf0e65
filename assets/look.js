/* How the screen looks: theme, colours and time zone, from what is kept on the server and what the system says. This
   file stands in the page's head and runs before anything is painted, so that no other theme flashes up first; the
   server has written what is kept on <html>. Afterwards the store "look" tells the figures. */
window.dash_clientside = window.dash_clientside || {};
window.pairwatch = window.pairwatch || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const MINUTE_MS = 60000;
  const THEMES = ["system", "dark", "light"];
  const IS_UTC = /^(Etc\/)?(UTC|UCT|GMT|Universal|Zulu)$/;
  const root = document.documentElement;
  const light = window.matchMedia("(prefers-color-scheme: light)");
  const paper = window.matchMedia("print");
  let kept = { theme: root.dataset.theme, colours: root.dataset.colours, zone: root.dataset.zone };
  let told = null; // the look that the store holds, as text

  function zone() {
    const name = kept.zone === "local" ? Intl.DateTimeFormat().resolvedOptions().timeZone : "UTC";
    if (!name || IS_UTC.test(name)) return { zone: "UTC", offset: 0 };
    return { zone: name, offset: Math.round(-new Date().getTimezoneOffset()) };
  }

  function look() {
    const theme = kept.theme === "system" ? (light.matches ? "light" : "dark") : kept.theme;
    return { theme, colours: kept.colours, ...zone() };
  }

  /* Paper is white, whatever the screen is; the charts keep their own ground on it. */
  function paint() {
    const now = look();
    root.dataset.bsTheme = paper.matches ? "light" : now.theme;
    root.dataset.colours = now.colours;
    root.dataset.theme = kept.theme;
    root.dataset.zone = kept.zone;
    window.pairwatch.look = now;
    return now;
  }

  /* The system changes its theme at dusk, and the clocks twice a year: the page follows at once. */
  function renew() {
    const now = paint();
    if (told === null || told === JSON.stringify(now)) return; // the callback below will tell first
    told = JSON.stringify(now);
    window.dash_clientside.set_props("look", { data: now });
  }

  function lookOf(preferences) {
    const { theme, colours, zone: clock } = preferences || kept;
    kept = { theme, colours, zone: clock };
    const now = paint();
    if (told === JSON.stringify(now)) return window.dash_clientside.no_update;
    told = JSON.stringify(now);
    return now;
  }

  function prefer(change) {
    if (told === null) return; // the page is not there yet
    kept = { ...kept, ...change };
    renew();
    window.dash_clientside.set_props("prefer", { data: { ...change, at: Date.now() } });
  }

  const cycleTheme = () => prefer({ theme: THEMES[(THEMES.indexOf(kept.theme) + 1) % THEMES.length] });
  const toggleZone = () => prefer({ zone: kept.zone === "local" ? "utc" : "local" });

  light.addEventListener("change", renew);
  paper.addEventListener("change", paint);
  setInterval(renew, MINUTE_MS);
  paint();
  return { lookOf, cycleTheme, toggleZone };
})());
