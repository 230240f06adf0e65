/* The Help page: leads to a term, finds terms, counts the steps that are done. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const same = () => window.dash_clientside.no_update; // Dash sets it after this file has run
  const entries = () => [...document.querySelectorAll(".glossary__entry")];

  const glossaryWanted = (page, wanted) => (page === "help" && !wanted ? true : same());

  /* The entry that the address names, opened and in sight. Runs again once the glossary has come. */
  function toTerm(_shown, hash, page) {
    const name = decodeURIComponent((hash || "").slice(1));
    const entry = page === "help" && name ? document.getElementById(name) : null;
    for (const one of document.querySelectorAll(".glossary__entry--sought")) one.classList.remove("glossary__entry--sought");
    if (!entry?.matches(".glossary__entry")) return same();
    entry.hidden = false;
    entry.classList.add("glossary__entry--sought");
    entry.querySelector("details").open = true;
    requestAnimationFrame(() => { // the page has just come to the front
      entry.scrollIntoView({ block: "start" });
      entry.focus({ preventScroll: true });
    });
    return same();
  }

  function findTerms(typed, shown) {
    if (!shown) return "";
    const words = (typed || "").toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const entry of entries()) {
      const text = entry.textContent.toLowerCase();
      entry.hidden = !words.every((word) => text.includes(word));
      if (!entry.hidden) found += 1;
    }
    for (const section of document.querySelectorAll(".glossary__section")) {
      section.hidden = !section.querySelector(".glossary__entry:not([hidden])");
    }
    if (!found) return `Nothing holds “${words.join(" ")}”.`;
    return words.length ? `${found} of ${entries().length} terms` : `${found} terms`;
  }

  const stepsDone = (done, options) => `${(done || []).length} of ${options.length} done`;

  return { glossaryWanted, toTerm, findTerms, stepsDone };
})());
