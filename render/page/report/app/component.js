// The pages of all components, and of one.

const componentsView = (want) => {
  const rows = components.filter((r) => !want.differ || r.versions.length > 1);
  const total = count(rows.length, "component");
  const answer = want.differ
    ? [total + " in several versions. ", h("a", { href: "#/components" }, "Show all")]
    : [total, ". ", h("a", { href: "#/components?differ=1" }, "Only those in several versions")];
  const heads = ["Component", "Group", "Clusters", "Versions", "Differs between"];
  if (packed.findings) heads.push("Findings");
  const rowOf = (r) => {
    const cellsOf = [
      r.group,
      number(r.running) + " of " + number(clusters.length),
      versionBars(r),
      r.differs.map((d) => d + "s").join(", "),
    ];
    if (packed.findings) cellsOf.push(findingsLink(r));
    return row(componentLink(r), ...cellsOf);
  };
  return [heading("Components"), h("p", {}, answer), table("Components", heads, rows.map(rowOf))];
};

const findingsLink = (r) =>
  r.findings.length
    ? h("a", { href: "#/findings?q=" + encodeURIComponent(r.component) }, number(r.findings.length))
    : "";

// versionBars links the versions of a component with the clusters that have them in the matrix.
const versionBars = (r) => {
  const most = 6;
  const bars = r.versions.slice(0, most).map(([version, n]) => {
    const search = parseVersion(version) ? r.component + " = " + version : version;
    const query = "component=" + encodeURIComponent(r.group + "/" + r.component) + "&q=" + encodeURIComponent(search);
    const link = h("a", { href: "#/?" + query }, version || "–");
    return h("span.version" + (version === r.usual ? "" : ".odd"), {}, link, quiet(" " + number(n)));
  });
  if (r.versions.length > most) bars.push(quiet("and " + number(r.versions.length - most) + " more"));
  return bars;
};

const componentView = (group, component, want) => {
  const r = componentOf.get(group + "/" + component);
  if (!r) return missing("component " + component);
  const on = clusters.filter((c) => applicationsAt(r, c).length);
  const odd = on.filter((c) => isOdd(r, cellAt(r, c)));
  const inMatrix = h("a", { href: "#/?component=" + encodeURIComponent(group + "/" + component) }, "In the matrix");
  return [
    heading(r.component, "Component of " + r.group, h("p.links", {}, inMatrix)),
    list([
      ["Clusters", number(on.length) + " of " + number(clusters.length)],
      ["Differs between", r.differs.map((d) => d + "s").join(", ")],
    ]),
    section("Versions", r.versions.length ? versionsTable(r, on) : h("p", {}, "No cluster has it.")),
    odd.length
      ? section("Clusters that deviate", h("p", {}, "Most clusters have " + r.usual + "."), oddTable(r, odd))
      : null,
    fleetValues(r, on, want),
    r.findings.length ? section("Findings", findingsTable(r.findings)) : null,
    r.changes.length ? section("Changes", changesOf(r.changes)) : null,
    notThere(r),
  ];
};

const versionsTable = (r, on) =>
  table(
    "Versions of " + r.component,
    ["Version", "Clusters", "Releases", "Environments", "Which"],
    r.versions.map(([version]) => {
      const of = on.filter((c) => cellAt(r, c).version === version);
      return row(
        h("span" + (version === r.usual ? "" : ".odd"), {}, version || "–"),
        number(of.length),
        said(of.map((c) => cellAt(r, c).release)),
        said(of.map((c) => c.environment)),
        clusterList(of, r),
      );
    }),
  );

const oddTable = (r, odd) =>
  table(
    "Clusters with another version",
    ["Cluster", "Version", "Release", "Environment", "Tenant"],
    odd.slice(0, 500).map((c) => {
      const cell = cellAt(r, c);
      const link = h("a", { href: toCell(r, c) }, c.name);
      return row(link, h("span.odd", {}, cell.version), cell.release, c.environment, c.tenant);
    }),
  );

const notThere = (r) => {
  const absent = clusters.filter((c) => cellAt(r, c).state !== "deployed");
  if (!absent.length) return null;
  const by = groupBy(absent, (c) => cellAt(r, c).state + "\n" + cellAt(r, c).reason);
  const rows = [...by.values()].map((of) => {
    const cell = cellAt(r, of[0]);
    return row(h("span." + cell.state, {}, shown(cell)), cell.reason, number(of.length), clusterList(of, r));
  });
  return section("Not there", table("Clusters without " + r.component, ["State", "Why", "Clusters", "Which"], rows));
};

// fleetValues shows the values of the component: first the keys that are not the same on all clusters, then sets of
// values.
const fleetValues = (r, on, want) => {
  const apps = on.flatMap((c) => applicationsAt(r, c)).filter((a) => a.values >= 0);
  if (!apps.length) return null;
  const sets = [...groupBy(apps, (a) => a.values)].sort((a, b) => b[1].length - a[1].length);
  const picked = sets.find(([set]) => String(set) === want.values) || sets[0];
  const different = differing(sets);
  return [
    different.length ? section("Values that differ", differingTable(r, different)) : null,
    section(
      "Values by level",
      sets.length > 1
        ? h("p", {}, count(sets.length, "set") + " of values. ", h("label", {}, "Those of ", setPicker(sets, picked)))
        : null,
      valuesView(keysOf(picked[0]), "Values of " + r.component),
    ),
  ];
};

// setPicker chooses which set of values is shown, by the clusters that have it.
const setPicker = (sets, picked) => {
  const options = sets.slice(0, 300).map(([set, of]) => {
    const names = of.map((a) => a.cluster.name);
    const title = few(names, 2) + (of.length > 1 ? " (" + number(of.length) + ")" : "");
    return h("option", { value: String(set), selected: set === picked[0] }, title);
  });
  const pick = (event) => change({ values: event.target.value });
  return h("select", { "aria-label": "Values of", oninput: pick }, options);
};

// differing returns the keys that not all sets of values have with the same value, and which clusters have which.
const differing = (sets) => {
  const keys = new Map();
  for (const [set, of] of sets) {
    for (const k of keysOf(set)) {
      const name = k.path.map(nameOfKey).join(".");
      const value = k.removed ? "(removed)" : k.value;
      if (!keys.has(name)) keys.set(name, new Map());
      const values = keys.get(name);
      if (!values.has(value)) values.set(value, [[], new Map()]);
      const [having, places] = values.get(value);
      for (const a of of) having.push(a.cluster);
      places.set(k.at.source + " " + placeText(k.at), k.at);
    }
  }
  const all = unique(sets.flatMap(([, of]) => of.map((a) => a.cluster)));
  const withRest = ([name, values]) => {
    const found = [...values].map(([value, [having, places]]) => [value, unique(having), [...places.values()]]);
    found.sort((a, b) => b[1].length - a[1].length);
    const having = new Set(found.flatMap(([, of]) => of));
    const without = all.filter((c) => !having.has(c));
    return [name, without.length ? [...found, [null, without, []]] : found];
  };
  const different = [...keys].map(withRest).filter(([, values]) => values.length > 1);
  return different.sort((a, b) => collator.compare(a[0], b[0]));
};

const differingTable = (r, different) => {
  const most = 4; // places of a value
  const rowOf = (first, [value, of, places]) =>
    h(
      "tr",
      {},
      first,
      h("td", {}, value === null ? quiet("not set") : valueNode(value)),
      h("td", {}, number(of.length)),
      h(
        "td",
        {},
        places.slice(0, most).map((at) => h("div", {}, where(at))),
        places.length > most ? quiet("and " + count(places.length - most, "more place")) : null,
      ),
      h("td", {}, clusterList(of, r)),
    );
  const rows = different.slice(0, 400).flatMap(([key, values]) => {
    const head = h("th", { scope: "rowgroup", rowspan: String(values.length) }, code(key));
    return values.map((value, i) => rowOf(i ? null : head, value));
  });
  const heads = ["Key", "Value", "Clusters", "Set by", "Which"];
  return table("Values that are not the same on all clusters", heads, rows);
};
