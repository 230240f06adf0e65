/* What hands do with alerts and channels: each button says it in data-alert, the server does it, and what came of it is
   told with its undo. */
window.pairwatch = window.pairwatch || {};
window.pairwatch.askOfAlerts = (does, more = {}) => {
  window.dash_clientside.set_props("alert-wish", { data: { do: does, ...more, at: Date.now() } });
};

(() => {
  const TOLD_MS = 12000;
  const FIND_AFTER_MS = 250;
  const house = () => window.dash_clientside.pairwatch;
  const fields = () => window.pairwatch.fields;
  const channelForm = () => document.getElementById("alert-channel-form");
  let view = { sort: "state", down: false, find: "", rule: null, kind: null, before: null };
  let telling = 0;
  let finding = 0;

  function look(change) {
    view = { ...view, ...change };
    window.dash_clientside.set_props("alert-view", { data: view });
  }

  function tell(done) {
    const home = document.getElementById("alert-told");
    clearTimeout(telling);
    home.replaceChildren(document.createTextNode(done.told));
    home.classList.toggle("alerts__told--wrong", Boolean(done.wrong));
    if (done.removal !== undefined) {
      home.append(fields().button("Undo", () => window.pairwatch.askOfAlerts("undo", { removal: done.removal })));
    }
    telling = setTimeout(() => home.replaceChildren(), TOLD_MS);
  }

  /* A dialog that is open lets nobody read what stands behind it. */
  function alertDone(done) {
    const open = [document.getElementById("alert-form"), channelForm()].find((one) => one.open);
    if (done.draft) house().openAlertForm(done);
    else if (done.refused) fields().refuse(open, done.refused);
    else if (done.wrong && open) fields().refuse(open, { form: done.told });
    else {
      if (done.saved !== undefined) open?.close();
      tell(done);
    }
  }

  function openChannelForm() {
    const { element, field, text, choice, button } = fields();
    const signing = text("", { kind: "password" });
    const shown = button("Make one", () => {
      signing.value = `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`;
      signing.type = "text"; // to be copied into the receiver, now or never
      signing.select();
    });
    const kind = choice([["webhook", "Webhook"], ["apprise", "apprise: Telegram, Discord, Slack, mail …"]], "webhook");
    const signed = field("signing", "Signing secret", signing, { hint: "Copy it into the receiver: it is not shown again." });
    signed.append(shown);
    kind.addEventListener("change", () => { signed.hidden = kind.value !== "webhook"; });
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
    const refused = element("p", "alert-form__refused");
    refused.setAttribute("role", "alert");
    const body = element(
      "form", "alert-form__body",
      element("div", "alert-form__head", element("h2", "page__title", "New channel"), button("Close", () => channelForm().close())),
      field("name", "Name", text("")),
      field("kind", "Kind", kind),
      field("url", "Address", text("", { kind: "password" }), { hint: "A secret: it is kept, and never shown again." }),
      signed,
      element(
        "div", "alert-form__fields",
        field("quiet", "Quiet from", text("", { placeholder: "22:00" })),
        field("quiet_to", "to", text("", { placeholder: "07:00" })),
        field("zone", "by the clock of", text(zone)),
      ),
      refused,
      element("div", "alert-form__foot", element("button", "button", "Keep"), button("Cancel", () => channelForm().close())),
    );
    body.noValidate = true;
    body.addEventListener("submit", (event) => {
      event.preventDefault();
      fields().clear(body);
      const read = (name) => fields().valueOf(body, name);
      window.pairwatch.askOfAlerts("channel-save", {
        draft: {
          name: read("name"), kind: read("kind"), url: read("url"), signing: read("signing"),
          quiet_from: read("quiet"), quiet_to: read("quiet_to"), zone: read("zone"),
        },
      });
    });
    channelForm().replaceChildren(body);
    channelForm().showModal();
  }

  /* What is typed there is a secret and does not outlive the form, nor does the wish that carried it. */
  document.addEventListener("close", (event) => {
    if (event.target !== channelForm()) return;
    channelForm().replaceChildren();
    window.dash_clientside.set_props("alert-wish", { data: null });
  }, true);

  const OWN = {
    "channel-new": openChannelForm,
    sort: ({ by }) => look({ sort: by, down: view.sort === by && !view.down }),
    older: ({ before }) => look({ before }),
    newest: () => look({ before: null }),
    sound: () => window.pairwatch.alertHere.toggleSound(),
    desktop: () => window.pairwatch.alertHere.toggleDesktop(),
  };

  document.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element && event.target.closest("[data-alert]");
    if (!pressed) return;
    const { alert, ...facts } = pressed.dataset;
    pressed.closest("details")?.removeAttribute("open");
    if (OWN[alert]) OWN[alert](facts);
    else window.pairwatch.askOfAlerts(alert, facts);
  });

  document.addEventListener("change", (event) => {
    const name = event.target instanceof Element && event.target.dataset.alertView;
    if (name) look({ [name]: event.target.value || null, before: null });
  });

  document.addEventListener("input", (event) => {
    if (event.target.id !== "alert-find") return;
    clearTimeout(finding);
    finding = setTimeout(() => look({ find: event.target.value }), FIND_AFTER_MS);
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.pairwatch = Object.assign(window.dash_clientside.pairwatch || {}, { alertDone });
})();
