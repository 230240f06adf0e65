/* Times in the zone of the screen. A time axis has one offset, that of this moment, so it neither folds nor leaps where
   clocks are changed: what is shown is UTC plus that offset, exact in both directions. layouts/zone.py does the same. */
window.pairwatch = window.pairwatch || {};
window.pairwatch.zone = (() => {
  const MINUTE_MS = 60000;
  const look = () => window.pairwatch.look;
  const offsetMs = () => look().offset * MINUTE_MS;
  const toShown = (utcMs) => utcMs + offsetMs();
  const toUtc = (shownMs) => shownMs - offsetMs();

  /* As the chart library must be given a moment: it reads a number in the zone of the machine, and a text as it is. */
  const date = (shownMs) => new Date(shownMs).toISOString().slice(0, -1);
  const dates = (shown) => Array.from(shown, date);

  function distance() {
    if (look().zone === "UTC") return "UTC";
    const minutes = Math.abs(look().offset);
    const rest = minutes % 60 ? `:${String(minutes % 60).padStart(2, "0")}` : "";
    return `UTC${look().offset < 0 ? "−" : "+"}${Math.floor(minutes / 60)}${rest}`;
  }

  /* "UTC", or "New York, UTC−5". */
  function title() {
    if (look().zone === "UTC") return "UTC";
    return `${look().zone.split("/").pop().replaceAll("_", " ")}, ${distance()}`;
  }

  /* The second of the wall clock: 12:58:38. */
  const second = (utcMs) => date(toShown(utcMs)).slice(11, 19);

  return { toShown, toUtc, date, dates, distance, title, second };
})();
