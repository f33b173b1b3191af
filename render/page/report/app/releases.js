// Releases side by side.

const releasesView = (want) => {
  const names = tally(clusters.flatMap((c) => [...c.releases.values()])).map(([name]) => name);
  if (names.length < 2) {
    const answer = names.length ? "All clusters are on the release " + names[0] + "." : "The groups have no releases.";
    return [heading("Releases"), h("p", {}, answer)];
  }
  const one = want.a || names[0];
  const other = want.b || names.find((name) => name !== one);
  const all = want.all === "1";
  const rows = components
    .map((r) => [r, onRelease(r, one), onRelease(r, other)])
    .filter(([, a, b]) => a.clusters.length && b.clusters.length);
  const differ = rows.filter(([, a, b]) => a.key !== b.key || a.values !== b.values);
  return [
    heading("Releases"),
    releasesForm(names, one, other, all),
    releasesAnswer(rows, differ, one, other),
    differ.length || all ? releasesTable(all ? rows : differ, one, other) : null,
    h(
      "p.quiet",
      {},
      "What clusters on the releases have, without what their labels leave out. A value counts as different if no " +
        "cluster of one release has it as one of the other does.",
    ),
  ];
};

const releasesForm = (names, one, other, all) => {
  const picker = (name, label, now) => {
    const options = names.map((n) => h("option", { value: n, selected: n === now }, n));
    const pick = (event) => change({ [name]: event.target.value });
    return h("label", {}, label, h("select", { id: "release-" + name, oninput: pick }, options));
  };
  const pickAll = (event) => change({ all: event.target.checked ? "1" : "" });
  const checkbox = h("input", { type: "checkbox", checked: all, id: "release-all", oninput: pickAll });
  return h(
    "form.filters",
    { onsubmit: (e) => e.preventDefault() },
    picker("a", "Compare", one),
    picker("b", "with", other),
    h("label.check", {}, checkbox, "also what is the same"),
  );
};

const releasesAnswer = (rows, differ, one, other) => {
  const versions = differ.filter(([, a, b]) => a.key !== b.key).length;
  const inParts = count(versions, "version") + ", " + count(differ.length - versions, "component") + " in values only";
  return h(
    "p.answer",
    { id: "count" },
    h("strong", {}, number(differ.length) + " of " + count(rows.length, "component")),
    " differ between " + one + " and " + other + ": " + inParts,
  );
};

const releasesTable = (rows, one, other) =>
  table(
    "Releases " + one + " and " + other,
    ["Component", one, other, "Values"],
    rows.map(([r, a, b]) =>
      h(
        "tr" + (a.key === b.key ? "" : ".differs"),
        {},
        h("th", { scope: "row" }, componentLink(r), inGroup(r)),
        h("td", {}, a.node),
        h("td", {}, b.node),
        h("td", {}, releaseValues(a, b)),
      ),
    ),
  );

// onRelease returns what the clusters on a release have of a component, and texts by which two releases compare.
const onRelease = (r, release) => {
  const of = clusters.filter((c) => releaseOf(r, c) === release);
  const cellsOf = of
    .map((c) => cellAt(r, c))
    .filter((cell) => ["deployed", "off", "not-described", "failing"].includes(cell.state));
  const versions = tally(cellsOf.map(shown));
  const names = versions.map(([v]) => v);
  const sets = unique(of.flatMap((c) => applicationsAt(r, c).map((a) => a.values)).filter((set) => set >= 0));
  return {
    clusters: of,
    sets,
    key: names.sort().join(),
    values: [...sets].sort().join(),
    node: versions.length
      ? versions.map(([v, n]) => h("span.version", {}, v, quiet(" " + number(n))))
      : quiet("not there"),
  };
};

// releaseValues lists the keys that have no value on both releases.
const releaseValues = (a, b) => {
  if (!a.sets.length || !b.sets.length) return "";
  const [x, y] = [valuesOf(a.sets), valuesOf(b.sets)];
  const none = new Set();
  const inBoth = (key) => [...(x.get(key) || none)].some((value) => (y.get(key) || none).has(value));
  const differ = unique([...x.keys(), ...y.keys()]).filter((key) => !inBoth(key));
  if (!differ.length) return "";
  const show = (values) => {
    if (!values) return "not set";
    const texts = [...values].map((v) => (v.length > 60 ? v.slice(0, 60) + "…" : v));
    return few(texts, 2);
  };
  const line = (key) => h("li", {}, code(key), ": ", code(show(x.get(key))), " → ", code(show(y.get(key))));
  const lines = differ.sort(collator.compare).slice(0, 200).map(line);
  return h("details", {}, h("summary", {}, count(differ.length, "value")), h("ul.keys", {}, lines));
};

// valuesOf returns all values that sets of values have, by their keys.
const valuesOf = (sets) => {
  const all = new Map();
  for (const set of sets) {
    for (const k of keysOf(set)) {
      const name = k.path.map(nameOfKey).join(".");
      all.set(name, (all.get(name) || new Set()).add(k.value));
    }
  }
  return all;
};
