// What lint found.

const findingsView = (want) => {
  if (!packed.findings) return missing("findings");
  const { list: all, ignored, unchecked } = packed.findings;
  const words = (want.q || "").toLowerCase().split(/\s+/).filter(Boolean);
  const textOf = (f) => [f.rule, placeText(f), f.message, f.hint, ...f.effects].join("\n").toLowerCase();
  const left = all.filter(
    (f) =>
      (!want.rule || f.rule === want.rule) &&
      (!want.severity || f.severity === want.severity) &&
      words.every((w) => textOf(f).includes(w)),
  );
  const total = count(all.length, "finding");
  const found = left.length === all.length ? total : number(left.length) + " of " + total;
  return [
    heading("Findings"),
    findingsForm(want, all),
    h(
      "p.answer",
      { id: "count" },
      h("strong", {}, found),
      ignored ? ", " + number(ignored) + " ignored by fleet.yaml" : "",
    ),
    unchecked.length ? uncheckedList(unchecked) : null,
    left.length
      ? findingsTable(left)
      : h("p.empty", {}, all.length ? "None fits." : "Nothing is wrong with the fleet."),
    left.length > 500 ? h("p", {}, "The first 500 are shown.") : null,
  ];
};

const findingsForm = (want, all) => {
  const pairs = (names) => names.map((name) => [name, name]);
  const search = h("input", { type: "search", name: "q", id: "finding-search", value: want.q || "" });
  return h(
    "form.filters",
    { onsubmit: (e) => e.preventDefault(), oninput: (e) => change({ [e.target.name]: e.target.value }) },
    h("label", {}, "Search", search),
    select("severity", "Severity", want, pairs(["error", "warning"])),
    select("rule", "Rule", want, pairs(sorted(all.map((f) => f.rule)))),
  );
};

const uncheckedList = (unchecked) => {
  const lines = unchecked.map((text) => h("li", {}, text));
  return h("details", {}, h("summary", {}, number(unchecked.length) + " not looked at"), h("ul", {}, lines));
};
