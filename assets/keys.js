/* A picker opens with its selected symbol focused, where letters do nothing: send them to the search box.
   "/" opens the first picker from anywhere. */
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input:not([type=radio]):not([type=checkbox]):not([readonly]), textarea, select");
    const search = document.querySelector(".dash-dropdown-content input:not([type=radio])");
    if (search && event.target !== search && event.key !== " ") search.focus();
    else if (event.key === "/" && !typing && !search) {
      event.preventDefault();
      if (document.querySelector(".controls").offsetParent === null) document.getElementById("watch-input").focus();
      else document.getElementById("y-symbol").click();
    }
  },
  true,
);
