/* The menu of saved views: its buttons say what they do in data-views, the server does it. What is saved is the address
   as it stands in the browser, with the visible range that only the browser knows. */
(() => {
  const LARGEST_FILE = 1 << 20;
  const KIB = 1024;
  const menu = () => document.getElementById("workspace-menu");
  const rowOf = (element) => element.closest(".views__row");
  const typed = (row) => row.querySelector(".views__renaming input").value;

  function ask(act, details) {
    window.dash_clientside.set_props("workspace-act", { data: { act, ...details, at: Date.now() } });
  }

  function refuse(sentence) {
    window.dash_clientside.set_props("workspace-told", { tree: sentence, className: "views__told views__told--refused" });
  }

  function save() {
    ask("save", {
      name: document.getElementById("workspace-name").value,
      address: window.location.pathname + window.location.search,
    });
  }

  function renaming(row, on) {
    row.classList.toggle("views__row--renaming", on);
    const field = row.querySelector(".views__renaming input");
    if (on) field.select();
    else row.querySelector("[data-views=rename-begin]").focus();
    if (on) field.focus();
  }

  function rename(row) {
    ask("rename", { name: row.dataset.name, new_name: typed(row) });
    renaming(row, false);
  }

  const ACTS = {
    save,
    rename: (button) => rename(rowOf(button)),
    remove: (button) => ask("remove", { name: rowOf(button).dataset.name }),
    undo: (button) => ask("undo", { removal: button.dataset.removal }),
    "rename-begin": (button) => renaming(rowOf(button), true),
    "rename-cancel": (button) => renaming(rowOf(button), false),
    "take-in": () => ask("take-in", {}),
    leave: () => ask("leave", {}),
  };

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const button = event.target.closest("[data-views]");
    if (button) ACTS[button.dataset.views](button);
    const link = event.target.closest(".views__open");
    if (!link) return;
    // The list beside the view comes with it; the link itself is Dash's.
    window.dash_clientside.set_props("watchlist", { data: rowOf(link).dataset.watchlist });
    menu().open = false;
  });

  // Before the menu's own Escape, which would close it.
  document.addEventListener(
    "keydown",
    (event) => {
      const field = event.target instanceof Element ? event.target : document.body;
      const row = field.closest(".views__renaming") && rowOf(field);
      if (event.key === "Enter" && field.id === "workspace-name") save();
      else if (event.key === "Enter" && row && field.matches("input")) rename(row);
      else if (event.key === "Escape" && row) {
        event.stopPropagation();
        renaming(row, false);
      }
    },
    true,
  );

  /* A file that is too large never reaches the server, and Dash says nothing of it. */
  function weigh(event) {
    if (!(event.target instanceof Element) || !event.target.closest("#import-file")) return;
    const files = event.type === "drop" ? event.dataTransfer.files : event.target.files;
    const file = files && files[0];
    if (!file) return;
    if (file.size > LARGEST_FILE) {
      refuse(`${file.name} has ${Math.round(file.size / KIB).toLocaleString("en")} KiB, and an export at most 1,024; choose a file that was exported here.`);
    } else if (!/\.json$/i.test(file.name)) {
      refuse(`${file.name} is no JSON file; choose one that was exported here.`);
    }
  }

  /* Dash gives its file input no name, and offers no way to. */
  function nameInput(event) {
    const input = event.target instanceof Element && event.target.querySelector("#import-file input");
    if (input) input.setAttribute("aria-label", "Import a file that was exported here");
  }

  document.addEventListener("toggle", nameInput, true);
  document.addEventListener("change", weigh, true);
  document.addEventListener("drop", weigh, true);
})();
