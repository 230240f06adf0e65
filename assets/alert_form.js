/* The form of an alert. It is the browser's own: the server reads what was typed, and a refusal loses nothing of it. */
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, (() => {
  const ASK_AFTER_MS = 400; // a number is typed letter by letter
  const own = () => window.pairwatch.fields;
  const dialog = () => document.getElementById("alert-form");
  const form = () => dialog().querySelector("form");
  const JOINS = [["all", "All of them hold"], ["any", "Any of them holds"]];
  const WHEN = [["live", "Live, at every new number"], ["bar_close", "When a bar closes"]];
  let choices = { metrics: [], operators: [], most: 1, template: {} };
  let draft = null; // as the form was opened with
  let asking = 0;
  let asked = 0;

  /* Open with what the server says of a new or a known alert, of what it can choose, and where it may be sent to. */
  function openAlertForm({ draft: told, choices: known, channels }) {
    draft = told;
    choices = known;
    dialog().replaceChildren(made(channels));
    if (!dialog().open) dialog().showModal();
    form().querySelector("[data-field='conditions.0.threshold']").select();
    askRecord();
  }

  function made(channels) {
    const { element, button } = own();
    const body = element(
      "form", "alert-form__body", head(), conditions(), times(), sending(channels), naming(),
      element("p", "alert-form__refused"),
    );
    body.querySelector(".alert-form__refused").setAttribute("role", "alert");
    const record = element("p", "alert-form__record");
    record.setAttribute("role", "status");
    const arm = element("button", "button", draft.id === null ? "Arm" : "Save");
    body.append(record, element("div", "alert-form__foot", arm, button("Cancel", () => dialog().close())));
    body.noValidate = true;
    body.addEventListener("submit", save);
    body.addEventListener("input", changed);
    return body;
  }

  function head() {
    const { element, button } = own();
    const close = button("Close", () => dialog().close());
    const title = element("h2", "page__title", draft.id === null ? "New alert" : "Edit alert");
    const pair = element("p", "alert-form__pair", element("b", "", draft.pair), ` ${draft.settings}`);
    return element("div", "alert-form__head", title, close, pair);
  }

  function group(name, ...parts) {
    const { element } = own();
    return element("fieldset", "alert-form__group", element("legend", "panel__title", name), ...parts);
  }

  function conditions() {
    const { element, field, choice, button } = own();
    const list = element("div", "alert-form__conditions");
    list.append(...draft.conditions.map((one, at) => condition(one, at, draft.conditions.length)));
    const join = field("join", "Fires when", choice(JOINS, draft.join));
    join.classList.add("alert-form__join");
    join.hidden = draft.conditions.length < 2;
    const more = button("Add a condition", () => {
      again([...typedConditions(), { ...typedConditions().at(-1), threshold: "", leave: "" }]);
    });
    more.hidden = draft.conditions.length >= choices.most;
    return group("Condition", list, join, more);
  }

  function condition(one, at, count) {
    const { element, field, text, choice, button } = own();
    const path = (name) => `conditions.${at}.${name}`;
    const facts = choices.metrics.find((metric) => metric.value === one.metric) || choices.metrics[0];
    const metric = choice(choices.metrics.map((each) => [each.value, each.words]), one.metric);
    metric.addEventListener("change", () => again(typedConditions()));
    const unit = facts.unit || null;
    const parts = [
      field(path("metric"), "Metric", metric),
      facts.leg ? field(path("symbol"), "Leg", choice([["", "usual"], ...draft.legs.map((leg) => [leg, leg])], one.symbol)) : null,
      field(path("operator"), "Is", choice(choices.operators.map((each) => [each.value, each.words]), one.operator)),
      field(path("threshold"), "Level", text(one.threshold, { mode: "decimal" }), { unit }),
      field(path("leave"), "Until back at", text(one.leave, { mode: "decimal", placeholder: "the level" }), { unit }),
      count > 1 ? button("Remove", () => again(typedConditions().filter((_, index) => index !== at))) : null,
    ];
    return element("div", "alert-form__condition", ...parts);
  }

  /* Conditions drawn anew, everything else as it was typed. */
  function again(wanted) {
    draft = { ...typed(), conditions: wanted };
    const place = form().querySelector(".alert-form__group");
    place.replaceWith(conditions());
    changed();
    form().querySelector(`[data-field="conditions.${wanted.length - 1}.threshold"]`).focus();
  }

  function times() {
    const { element, field, text, choice } = own();
    const span = (name, words, hint, placeholder) => field(name, words, text(draft[name], { placeholder }), { hint });
    return group(
      "When and how often",
      element(
        "div", "alert-form__fields",
        field("evaluation", "Judged", choice(WHEN, draft.evaluation)),
        span("hold", "Must hold for", "before it fires", "at once"),
        span("cooldown", "Rests for", "after it has ended", "not at all"),
        span("repeat", "Told again every", "while it stays open", "never"),
        span("most_per_hour", "At most an hour", "more go into one digest", "no limit"),
        span("expiry", "Ends after", "8 h, 7 d, or a moment of UTC", "never"),
      ),
    );
  }

  function sending(channels) {
    const { element } = own();
    if (!channels.length) {
      return group("Told", element("p", "alert-form__hint", "On the screen. Channels that carry it further are added on the Alerts page."));
    }
    const known = [...new Set([...channels, ...draft.channels])];
    const boxes = known.map((name) => {
      const box = element("input", "");
      Object.assign(box, { type: "checkbox", value: name, checked: draft.channels.includes(name) });
      box.dataset.channel = name;
      return element("label", "alert-form__box", box, ` ${name}${channels.includes(name) ? "" : " (off, or not there any more)"}`);
    });
    return group("Told on the screen, and to", element("div", "alert-form__boxes", ...boxes));
  }

  function naming() {
    const { element, field, text } = own();
    const area = element("textarea", "alert-form__input");
    Object.assign(area, { value: draft.template, rows: 2, placeholder: "{text}" });
    const fields = Object.entries(choices.template).map(([name, meaning]) => `{${name}} ${meaning}`).join(" · ");
    const words = element("details", "alert-form__more", element("summary", "", "Words of the message"),
      field("template", "Message", area, { hint: fields }));
    words.open = Boolean(draft.template);
    return group("Name", field("name", "Name", text(draft.name, { placeholder: "by its condition" })), words);
  }

  function typedConditions() {
    const read = (at, name) => own().valueOf(form(), `conditions.${at}.${name}`);
    return [...form().querySelectorAll(".alert-form__condition")].map((_, at) => ({
      metric: read(at, "metric"), operator: read(at, "operator"), threshold: read(at, "threshold"),
      leave: read(at, "leave"), symbol: read(at, "symbol"),
    }));
  }

  /* The form as it stands now. */
  function typed() {
    const named = ["name", "join", "evaluation", "hold", "cooldown", "repeat", "expiry", "most_per_hour", "template"];
    const channels = [...form().querySelectorAll("[data-channel]:checked")].map((box) => box.value);
    const values = Object.fromEntries(named.map((name) => [name, own().valueOf(form(), name)]));
    return { ...draft, ...values, channels, conditions: typedConditions() };
  }

  function changed() {
    own().clear(form());
    clearTimeout(asking);
    asking = setTimeout(askRecord, ASK_AFTER_MS);
  }

  function askRecord() {
    if (!dialog().open) return;
    asked = Date.now();
    form().querySelector(".alert-form__record").textContent = "Looking at the stored data …";
    window.dash_clientside.set_props("alert-trial", { data: { draft: typed(), at: asked } });
  }

  function alertTried(told) {
    if (!dialog().open || told.at !== asked) return;
    form().querySelector(".alert-form__record").textContent = told.words;
    window.dash_clientside.pairwatch.chart.showFirings(told.marks);
  }

  function save(event) {
    event.preventDefault();
    own().clear(form());
    window.pairwatch.askOfAlerts("save", { draft: typed() });
  }

  /* The marks on the chart belong to the form that is open. */
  document.addEventListener("close", (event) => {
    if (event.target.id === "alert-form") window.dash_clientside.pairwatch.chart.showFirings([]);
  }, true);

  return { openAlertForm, alertTried };
})());
