/* Fields of a form that the browser builds: a label, what is typed, its unit or hint, and the sentence that refuses it. */
window.pairwatch = window.pairwatch || {};
window.pairwatch.fields = (() => {
  let made = 0;

  function element(name, className, ...children) {
    const one = document.createElement(name);
    if (className) one.className = className;
    one.append(...children.filter((child) => child !== null));
    return one;
  }

  /* A label above what is typed, and room below for why it cannot be. */
  function field(path, words, input, { hint = null, unit = null } = {}) {
    made += 1;
    input.id = `alert-field-${made}`;
    input.dataset.field = path;
    input.setAttribute("aria-describedby", `${input.id}-wrong ${input.id}-hint`);
    const label = element("label", "alert-form__label", words);
    label.htmlFor = input.id;
    const wrong = element("p", "alert-form__wrong");
    wrong.id = `${input.id}-wrong`;
    const told = element("p", "alert-form__hint", hint || "");
    told.id = `${input.id}-hint`;
    const row = element("div", "alert-form__typed", input, unit === null ? null : element("span", "alert-form__unit", unit));
    return element("div", "alert-form__field", label, row, wrong, told);
  }

  function text(value, { kind = "text", placeholder = "", mode = null } = {}) {
    const input = element("input", "alert-form__input");
    Object.assign(input, { type: kind, value, placeholder, autocomplete: "off", spellcheck: false });
    if (mode) input.inputMode = mode;
    return input;
  }

  function choice(options, value) {
    const select = element("select", "alert-form__input");
    for (const [name, words] of options) {
      const option = element("option", "", words);
      option.value = name;
      select.append(option);
    }
    select.value = value;
    return select;
  }

  function button(words, does, className = "alerts__button") {
    const pressed = element("button", className, words);
    pressed.type = "button";
    pressed.addEventListener("click", does);
    return pressed;
  }

  /* Each sentence at its field; what has none stands at the foot. The first of them gets the focus. */
  function refuse(form, wrong) {
    clear(form);
    const left = [];
    for (const [path, sentence] of Object.entries(wrong)) {
      const input = form.querySelector(`[data-field="${path}"]`);
      if (!input) {
        left.push(sentence);
        continue;
      }
      input.setAttribute("aria-invalid", "true");
      input.closest("details")?.setAttribute("open", "");
      document.getElementById(`${input.id}-wrong`).textContent = sentence;
    }
    form.querySelector(".alert-form__refused").textContent = left.join(" ");
    form.querySelector("[aria-invalid]")?.focus();
  }

  function clear(form) {
    for (const input of form.querySelectorAll("[aria-invalid]")) {
      input.removeAttribute("aria-invalid");
      document.getElementById(`${input.id}-wrong`).textContent = "";
    }
    form.querySelector(".alert-form__refused").textContent = "";
  }

  const valueOf = (form, path) => form.querySelector(`[data-field="${path}"]`)?.value ?? "";

  return { element, field, text, choice, button, refuse, clear, valueOf };
})();
