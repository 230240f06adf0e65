/* What only the browser can do: tell the second, notice a silent server, name the tab, start a search by typing.
   Nothing is computed here. */
window.dash_clientside = Object.assign({}, window.dash_clientside, {
  pairwatch: (() => {
    const SILENT_MS = 4000;
    const RETRY_MS = 2000;
    const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run
    let heardAt = Date.now();
    let triedAt = 0;
    let lastFeed = null;
    let name = "";

    function show(word) {
      document.title = [name, word].filter(Boolean).join(" · ") || "Pairwatch";
    }

    function second(_n, feed) {
      const now = Date.now();
      if (feed !== lastFeed) {
        lastFeed = feed;
        heardAt = now;
      }
      const clock = `${new Date(now).toISOString().slice(11, 19)} UTC`;
      const silent = now - heardAt;
      if (silent < SILENT_MS) return [clock, "", "banner banner--none", same()];
      const told = `No answer from Pairwatch for ${Math.floor(silent / 1000)} s. Everything below is as old as that.`;
      const retry = now - triedAt >= RETRY_MS;
      if (retry) triedAt = now;
      show("NO ANSWER");
      return [clock, told, "banner banner--bad banner--lost", retry ? false : same()];
    }

    function title(pair, feed) {
      name = pair || "";
      show(feed && feed.word);
      return same();
    }

    return { second, title };
  })(),
});

/* A picker opens with its selected symbol focused, where letters do nothing: send them to the search box.
   "/" opens the first picker from anywhere. */
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input:not([type=radio]):not([type=checkbox]):not([readonly]), textarea");
    const search = document.querySelector(".dash-dropdown-content input:not([type=radio])");
    if (search && event.target !== search && event.key !== " ") search.focus();
    else if (event.key === "/" && !typing && !search) {
      event.preventDefault();
      document.getElementById("y-symbol").click();
    }
  },
  true,
);
