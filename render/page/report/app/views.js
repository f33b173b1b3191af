// The pages of a cluster, of a component, of one on the other; releases side by side; findings.

const heading = (title, kind, ...beside) => {
  document.title = title + " – " + packed.title;
  return h("div.heading", {}, kind ? h("p.kind", {}, kind) : null, h("h1", {}, title), ...beside);
};
const section = (title, ...children) => h("section", {}, h("h2", {}, title), ...children);
const list = (pairs) =>
  h(
    "dl.facts",
    {},
    pairs
      .filter(([, value]) => value && value.length !== 0)
      .flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
const missing = (what) => [
  heading("Not here"),
  h("p", {}, "The page has no " + what + ". ", h("a", { href: "#/" }, "Back to the matrix"), "."),
];

const componentsView = (want) => {
  const rows = components.filter((r) => !want.differ || r.versions.length > 1);
  return [
    heading("Components"),
    h(
      "p",
      {},
      want.differ
        ? [count(rows.length, "component") + " in several versions. ", h("a", { href: "#/components" }, "Show all")]
        : [
            count(rows.length, "component"),
            ". ",
            h("a", { href: "#/components?differ=1" }, "Only those in several versions"),
          ],
    ),
    table(
      "Components",
      ["Component", "Group", "Clusters", "Versions", "Differs between", ...(packed.findings ? ["Findings"] : [])],
      rows.map((r) =>
        row(
          componentLink(r),
          r.group,
          number(r.running) + " of " + number(clusters.length),
          versionBars(r),
          r.differs.map((d) => d + "s").join(", "),
          ...(packed.findings
            ? [
                r.findings.length
                  ? h("a", { href: "#/findings?q=" + encodeURIComponent(r.component) }, number(r.findings.length))
                  : "",
              ]
            : []),
        ),
      ),
    ),
  ];
};
const versionBars = (r) =>
  r.versions
    .slice(0, 6)
    .map(([version, n]) =>
      h(
        "span.version" + (version === r.usual ? "" : ".odd"),
        {},
        h(
          "a",
          {
            href:
              "#/?component=" +
              encodeURIComponent(r.group + "/" + r.component) +
              "&q=" +
              encodeURIComponent(parseVersion(version) ? r.component + " = " + version : version),
          },
          version || "–",
        ),
        quiet(" " + number(n)),
      ),
    )
    .concat(r.versions.length > 6 ? [quiet("and " + number(r.versions.length - 6) + " more")] : []);

const metadataTable = (c, kind) => {
  const keys = c.metadata.map(keyOf).filter((k) => k.path[0] === kind);
  if (!keys.length) return h("p", {}, "None.");
  return table(
    kind + " of " + c.name,
    ["Key", "Value", "Set by, over what"],
    keys.map((k) =>
      row(code(k.path.slice(1).join(".")), k.removed ? h("em", {}, "(removed)") : valueNode(plainValue(k.value)), [
        h("div", {}, where(k.at)),
        k.overrode.map((o) =>
          h("div.under", {}, quiet("over "), h("del", {}, code(plainValue(o.value))), " ", where(o.at)),
        ),
      ]),
    ),
  );
};
const plainValue = (value) => (/^"[^"\\]*"$/.test(value) ? value.slice(1, -1) || '""' : value);

const clusterView = (name) => {
  const c = clusterOf.get(name);
  if (!c) return missing("cluster " + name);
  const there = components.filter((r) => applicationsAt(r, c).length),
    not = components.filter((r) => !applicationsAt(r, c).length);
  const failing = not.filter((r) => cellAt(r, c).state === "failing");
  return [
    heading(
      c.name,
      c.hub ? "Cluster" : "Hub",
      h("p.links", {}, h("a", { href: "#/?q=" + encodeURIComponent(c.name) }, "In the matrix")),
    ),
    list([
      ["Hub", c.hub ? (clusterOf.has(c.hub) ? clusterLink(clusterOf.get(c.hub)) : c.hub) : ""],
      ["Tenant", c.tenant],
      ["Environment", c.environment],
      ["Server", c.server ? code(c.server) : ""],
      ["Described in", c.file ? code(c.file) : ""],
      ["Releases", releaseText(c)],
      ["Applications", String(there.length)],
      ["Failing", failing.length ? String(failing.length) : ""],
    ]),
    c.findings.length ? section("Findings", findingsTable(c.findings)) : null,
    c.changes.length ? section("Changes", changesOf(c.changes)) : null,
    section(
      "Applications",
      there.length
        ? table(
            "Applications of " + c.name,
            ["Component", "Version", "Release", "Argo CD", "Application", "ApplicationSet"],
            there.flatMap((r) =>
              applicationsAt(r, c).map((a) =>
                row(
                  [h("a", { href: toCell(r, c) }, r.component), groups.length > 1 ? quiet(" " + r.group) : null],
                  h("span" + (isOdd(r, cellAt(r, c)) ? ".odd" : ""), {}, a.version),
                  a.release,
                  a.argoCD,
                  code(a.name),
                  code(a.applicationSet),
                ),
              ),
            ),
          )
        : h("p", {}, "None."),
    ),
    not.length
      ? section(
          "Not there",
          table(
            "Components that " + c.name + " has not",
            ["Component", "State", "Why"],
            not.map((r) => {
              const cell = cellAt(r, c);
              return row(
                [h("a", { href: toCell(r, c) }, r.component), groups.length > 1 ? quiet(" " + r.group) : null],
                h("span." + cell.state, {}, shown(cell)),
                cell.reason,
              );
            }),
          ),
        )
      : null,
    section(
      "Levels",
      table(
        "Levels of " + c.name + ", lowest first",
        ["Level", "Directories"],
        c.levels.map((l) =>
          row(
            badge(l.name),
            l.directories.length ? l.directories.map((d) => h("div", {}, code(d))) : quiet(l.skipped || "no directory"),
          ),
        ),
      ),
    ),
    section("Labels", metadataTable(c, "labels")),
    section("Annotations", metadataTable(c, "annotations")),
  ];
};
const releaseText = (c) => {
  const by = tally([...c.releases.values()]);
  return by.length === 1 ? by[0][0] : [...c.releases].map(([g, r]) => g + " " + r).join(", ");
};

const cellView = (clusterName, group, component) => {
  const c = clusterOf.get(clusterName),
    r = componentOf.get(group + "/" + component);
  if (!c || !r) return missing("component " + component + " on " + clusterName);
  const cell = cellAt(r, c),
    apps = applicationsAt(r, c);
  const beside = h("p.links", {}, clusterLink(c), " · ", componentLink(r));
  const findings = r.findings.filter((f) => !f.clusters.length || f.clusters.includes(c.index));
  if (!apps.length) {
    return [
      heading(component + " on " + c.name, "Component on a cluster", beside),
      h("p.state", {}, h("strong." + cell.state, {}, shown(cell)), ": ", (states[cell.state] || ["", ""])[1], "."),
      list([
        ["Why", cell.reason],
        ["Where", cell.at ? where(cell.at) : ""],
        ["Release", cell.release],
        ["Argo CD", cell.argoCD],
        ["Others", r.running ? count(r.running, "cluster") + " have it, most " + r.usual : "no cluster has it"],
      ]),
      h("p", {}, "What would turn that, says ", code("cmp why " + component + " --cluster " + c.name), "."),
      findings.length ? section("Findings", findingsTable(findings)) : null,
    ];
  }
  return [
    heading(component + " on " + c.name, "Component on a cluster", beside),
    apps.map((a) => [
      list([
        [
          "Version",
          [h("strong", {}, a.version), isOdd(r, cell) ? h("span.note", {}, "most clusters have " + r.usual) : null],
        ],
        ["Release", a.release],
        ["Argo CD", a.argoCD],
        ["Application", code(a.name)],
        ["ApplicationSet", code(a.applicationSet)],
        ["Levels", c.levels.filter((l) => l.directories.length).map((l) => [badge(l.name), " "])],
      ]),
      section(
        "Values",
        h(
          "p.quiet",
          {},
          "What the levels and the Application set. What is not here is as the chart has it; ",
          code("cmp values --component " + component + " --cluster " + c.name),
          " shows that too.",
        ),
        a.values < 0
          ? h("p.problem", {}, a.unknown || "They are not known.")
          : valuesView(keysOf(a.values, a.evaluated), "Values of " + component + " on " + c.name),
      ),
    ]),
    findings.length ? section("Findings", findingsTable(findings)) : null,
    changesAt(r, c),
  ];
};

const componentView = (group, component, want) => {
  const r = componentOf.get(group + "/" + component);
  if (!r) return missing("component " + component);
  const on = clusters.filter((c) => applicationsAt(r, c).length);
  const odd = on.filter((c) => isOdd(r, cellAt(r, c)));
  return [
    heading(
      r.component,
      "Component of " + r.group,
      h(
        "p.links",
        {},
        h("a", { href: "#/?component=" + encodeURIComponent(group + "/" + component) }, "In the matrix"),
      ),
    ),
    list([
      ["Clusters", number(on.length) + " of " + number(clusters.length)],
      ["Differs between", r.differs.map((d) => d + "s").join(", ")],
    ]),
    section(
      "Versions",
      r.versions.length
        ? table(
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
          )
        : h("p", {}, "No cluster has it."),
    ),
    odd.length
      ? section(
          "Clusters that deviate",
          h("p", {}, "Most clusters have " + r.usual + "."),
          table(
            "Clusters with another version",
            ["Cluster", "Version", "Release", "Environment", "Tenant"],
            odd
              .slice(0, 500)
              .map((c) =>
                row(
                  h("a", { href: toCell(r, c) }, c.name),
                  h("span.odd", {}, cellAt(r, c).version),
                  cellAt(r, c).release,
                  c.environment,
                  c.tenant,
                ),
              ),
          ),
        )
      : null,
    fleetValues(r, on, want),
    r.findings.length ? section("Findings", findingsTable(r.findings)) : null,
    r.changes.length ? section("Changes", changesOf(r.changes)) : null,
    notThere(r),
  ];
};
const said = (all) =>
  tally(all.filter(Boolean))
    .map(([name, n]) => name + (n > 1 ? " (" + number(n) + ")" : ""))
    .join(", ");
const clusterList = (all, r) => {
  const links = (some) =>
    some.flatMap((c, i) => [i ? ", " : "", h("a", { href: r ? toCell(r, c) : toCluster(c) }, c.name)]);
  return all.length <= 8
    ? links(all)
    : h(
        "details",
        {},
        h(
          "summary",
          {},
          few(
            all.map((c) => c.name),
            3,
          ),
        ),
        links(all),
      );
};
const notThere = (r) => {
  const by = new Map();
  for (const c of clusters) {
    const cell = cellAt(r, c);
    if (cell.state === "deployed") continue;
    const key = cell.state + "\n" + cell.reason;
    by.set(key, [...(by.get(key) || []), c]);
  }
  return by.size
    ? section(
        "Not there",
        table(
          "Clusters without " + r.component,
          ["State", "Why", "Clusters", "Which"],
          [...by.values()].map((of) => {
            const cell = cellAt(r, of[0]);
            return row(h("span." + cell.state, {}, shown(cell)), cell.reason, number(of.length), clusterList(of, r));
          }),
        ),
      )
    : null;
};

// fleetValues shows the values of the component: first the keys that are not the same on all clusters, then sets of
// values.
const fleetValues = (r, on, want) => {
  const apps = on.flatMap((c) => applicationsAt(r, c)).filter((a) => a.values >= 0);
  if (!apps.length) return null;
  const bySet = new Map();
  for (const a of apps) bySet.set(a.values, [...(bySet.get(a.values) || []), a]);
  const sets = [...bySet].sort((a, b) => b[1].length - a[1].length);
  const picked = sets.find(([set]) => String(set) === want.values) || sets[0];
  const choose = h(
    "select",
    { "aria-label": "Values of", oninput: (e) => change({ values: e.target.value }) },
    sets.slice(0, 300).map(([set, of]) =>
      h(
        "option",
        { value: String(set), selected: set === picked[0] },
        few(
          of.map((a) => a.cluster.name),
          2,
        ) + (of.length > 1 ? " (" + number(of.length) + ")" : ""),
      ),
    ),
  );
  const different = differing(sets);
  return [
    different.length
      ? section(
          "Values that differ",
          table(
            "Values that are not the same on all clusters",
            ["Key", "Value", "Clusters", "Set by", "Which"],
            different.slice(0, 400).flatMap(([key, values]) =>
              values.map(([value, of, places], i) =>
                h(
                  "tr",
                  {},
                  i ? null : h("th", { scope: "rowgroup", rowspan: String(values.length) }, code(key)),
                  h("td", {}, value === null ? quiet("not set") : valueNode(value)),
                  h("td", {}, number(of.length)),
                  h(
                    "td",
                    {},
                    places.slice(0, 4).map((at) => h("div", {}, where(at))),
                    places.length > 4 ? quiet("and " + count(places.length - 4, "more place")) : null,
                  ),
                  h("td", {}, clusterList(of, r)),
                ),
              ),
            ),
          ),
        )
      : null,
    section(
      "Values by level",
      sets.length > 1
        ? h("p", {}, count(sets.length, "set") + " of values. ", h("label", {}, "Those of ", choose))
        : null,
      valuesView(keysOf(picked[0]), "Values of " + r.component),
    ),
  ];
};

// differing returns the keys that not all sets of values have with the same value, and which clusters have which.
const differing = (sets) => {
  const keys = new Map();
  sets.forEach(([set, of]) => {
    for (const k of keysOf(set)) {
      const name = k.path.map(nameOfKey).join("."),
        value = k.removed ? "(removed)" : k.value;
      if (!keys.has(name)) keys.set(name, new Map());
      const values = keys.get(name);
      if (!values.has(value)) values.set(value, [[], new Map()]);
      values.get(value)[0].push(...of.map((a) => a.cluster));
      values.get(value)[1].set(k.at.source + " " + placeText(k.at), k.at);
    }
  });
  const all = sets.flatMap(([, of]) => of.map((a) => a.cluster));
  return [...keys]
    .map(([name, values]) => {
      const found = [...values]
        .map(([value, [of, places]]) => [value, unique(of), [...places.values()]])
        .sort((a, b) => b[1].length - a[1].length);
      const having = new Set(found.flatMap(([, of]) => of)),
        without = unique(all).filter((c) => !having.has(c));
      return [name, without.length ? [...found, [null, without, []]] : found];
    })
    .filter(([, values]) => values.length > 1)
    .sort((a, b) => collator.compare(a[0], b[0]));
};

const releasesView = (want) => {
  const names = unique(tally(clusters.flatMap((c) => [...c.releases.values()])).map(([name]) => name));
  if (names.length < 2)
    return [
      heading("Releases"),
      h("p", {}, names.length ? "All clusters are on the release " + names[0] + "." : "The groups have no releases."),
    ];
  const [one, other] = [want.a || names[0], want.b || names.find((name) => name !== (want.a || names[0]))];
  const picker = (name, label, now) =>
    h(
      "label",
      {},
      label,
      h(
        "select",
        { id: "release-" + name, oninput: (e) => change({ [name]: e.target.value }) },
        names.map((n) => h("option", { value: n, selected: n === now }, n)),
      ),
    );
  const all = want.all === "1";
  const rows = components
    .map((r) => [r, onRelease(r, one), onRelease(r, other)])
    .filter(([, a, b]) => a.clusters.length && b.clusters.length);
  const differ = rows.filter(([, a, b]) => a.key !== b.key || a.values !== b.values);
  return [
    heading("Releases"),
    h(
      "form.filters",
      { onsubmit: (e) => e.preventDefault() },
      picker("a", "Compare", one),
      picker("b", "with", other),
      h(
        "label.check",
        {},
        h("input", {
          type: "checkbox",
          checked: all,
          id: "release-all",
          oninput: (e) => change({ all: e.target.checked ? "1" : "" }),
        }),
        "also what is the same",
      ),
    ),
    h(
      "p.answer",
      { id: "count" },
      h("strong", {}, number(differ.length) + " of " + count(rows.length, "component")),
      " differ between " +
        one +
        " and " +
        other +
        ": " +
        count(differ.filter(([, a, b]) => a.key !== b.key).length, "version") +
        ", " +
        count(differ.filter(([, a, b]) => a.key === b.key).length, "component") +
        " in values only",
    ),
    differ.length || all
      ? table(
          "Releases " + one + " and " + other,
          ["Component", one, other, "Values"],
          (all ? rows : differ).map(([r, a, b]) =>
            h(
              "tr" + (a.key === b.key ? "" : ".differs"),
              {},
              h("th", { scope: "row" }, componentLink(r), groups.length > 1 ? quiet(" " + r.group) : null),
              h("td", {}, a.node),
              h("td", {}, b.node),
              h("td", {}, releaseValues(a, b)),
            ),
          ),
        )
      : null,
    h(
      "p.quiet",
      {},
      "What clusters on the releases have, without what their labels leave out. A value counts as different if no " +
        "cluster of one release has it as one of the other does.",
    ),
  ];
};
const onRelease = (r, release) => {
  const of = clusters.filter((c) => releaseOf(r, c) === release);
  const cellsOf = of
    .map((c) => cellAt(r, c))
    .filter((cell) => ["deployed", "off", "not-described", "failing"].includes(cell.state));
  const versions = tally(cellsOf.map(shown));
  const sets = new Map();
  for (const c of of)
    for (const a of applicationsAt(r, c)) if (a.values >= 0) sets.set(a.values, [...(sets.get(a.values) || []), a]);
  return {
    clusters: of,
    sets: [...sets],
    key: versions
      .map(([v]) => v)
      .sort()
      .join(),
    values: [...sets.keys()].sort().join(),
    node: versions.length
      ? versions.map(([v, n]) => h("span.version", {}, v, quiet(" " + number(n))))
      : quiet("not there"),
  };
};
const releaseValues = (a, b) => {
  if (!a.sets.length || !b.sets.length) return "";
  const valuesOf = (sets) => {
    const all = new Map();
    for (const [set] of sets)
      for (const k of keysOf(set)) {
        const name = k.path.map(nameOfKey).join(".");
        all.set(name, (all.get(name) || new Set()).add(k.value));
      }
    return all;
  };
  const [x, y] = [valuesOf(a.sets), valuesOf(b.sets)];
  const differ = unique([...x.keys(), ...y.keys()])
    .filter(
      (key) =>
        ![...(x.get(key) || [])].some((v) => (y.get(key) || new Set()).has(v)) &&
        a.sets.every(([set]) => !x.has(key) || x.get(key)) &&
        (x.has(key) || y.has(key)),
    )
    .sort(collator.compare);
  const show = (values) =>
    values
      ? few(
          [...values].map((v) => (v.length > 60 ? v.slice(0, 60) + "…" : v)),
          2,
        )
      : "not set";
  return differ.length
    ? h(
        "details",
        {},
        h("summary", {}, count(differ.length, "value")),
        h(
          "ul.keys",
          {},
          differ
            .slice(0, 200)
            .map((key) => h("li", {}, code(key), ": ", code(show(x.get(key))), " → ", code(show(y.get(key))))),
        ),
      )
    : "";
};

const findingsTable = (all) =>
  table(
    "Findings",
    ["Rule", "Where", "What", "Clusters"],
    all
      .slice(0, 500)
      .map((f) =>
        row(
          [h("span." + f.severity, {}, f.severity), " ", f.rule],
          code(placeText(f)),
          [h("div", {}, f.message), f.hint ? h("div.quiet", {}, f.hint) : null],
          f.effects.length && !f.clusters.length
            ? h("details", {}, h("summary", {}, count(f.effects.length, "effect")), f.effects.join("; "))
            : clusterList(f.clusters.map((n) => clusters[n])),
        ),
      ),
  );
const findingsView = (want) => {
  if (!packed.findings) return missing("findings");
  const words = (want.q || "").toLowerCase().split(/\s+/).filter(Boolean);
  const all = packed.findings.list,
    rules = sorted(all.map((f) => f.rule));
  const left = all.filter(
    (f) =>
      (!want.rule || f.rule === want.rule) &&
      (!want.severity || f.severity === want.severity) &&
      words.every((w) => [f.rule, placeText(f), f.message, f.hint, ...f.effects].join("\n").toLowerCase().includes(w)),
  );
  return [
    heading("Findings"),
    h(
      "form.filters",
      { onsubmit: (e) => e.preventDefault(), oninput: (e) => change({ [e.target.name]: e.target.value }) },
      h("label", {}, "Search", h("input", { type: "search", name: "q", id: "finding-search", value: want.q || "" })),
      select("severity", "Severity", want, [
        ["error", "error"],
        ["warning", "warning"],
      ]),
      select(
        "rule",
        "Rule",
        want,
        rules.map((r) => [r, r]),
      ),
    ),
    h(
      "p.answer",
      { id: "count" },
      h(
        "strong",
        {},
        left.length === all.length
          ? count(all.length, "finding")
          : number(left.length) + " of " + count(all.length, "finding"),
      ),
      packed.findings.ignored ? ", " + number(packed.findings.ignored) + " ignored by fleet.yaml" : "",
    ),
    packed.findings.unchecked.length
      ? h(
          "details",
          {},
          h("summary", {}, number(packed.findings.unchecked.length) + " not looked at"),
          h(
            "ul",
            {},
            packed.findings.unchecked.map((u) => h("li", {}, u)),
          ),
        )
      : null,
    left.length
      ? findingsTable(left)
      : h("p.empty", {}, all.length ? "None fits." : "Nothing is wrong with the fleet."),
    left.length > 500 ? h("p", {}, "The first 500 are shown.") : null,
  ];
};
