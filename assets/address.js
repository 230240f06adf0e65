/* The address names the whole view, so that a copied link shows the same to whoever opens it. What is missing of it is
   added without a word to the server and without a step of the back button; the visible range stays as it is. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run

  function nameView(query) {
    const named = window.location.search.replace(/^\?/, "").split("&").filter(Boolean);
    const known = new Set(named.map((part) => part.split("=")[0]));
    const missing = (query || "").replace(/^\?/, "").split("&").filter((part) => part && !known.has(part.split("=")[0]));
    if (missing.length && document.getElementById("shell").matches(":not(.shell--bare)")) {
      const search = `?${[...missing, ...named].join("&")}`;
      window.history.replaceState(window.history.state, "", window.location.pathname + search + window.location.hash);
    }
    return same();
  }

  return { nameView };
})());
