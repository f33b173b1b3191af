// The pages of a cluster, and of a component on a cluster.

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

const releaseText = (c) => {
  const by = tally([...c.releases.values()]);
  return by.length === 1 ? by[0][0] : [...c.releases].map(([g, r]) => g + " " + r).join(", ");
};

const clusterView = (name) => {
  const c = clusterOf.get(name);
  if (!c) return missing("cluster " + name);
  const there = components.filter((r) => applicationsAt(r, c).length);
  const absent = components.filter((r) => !applicationsAt(r, c).length);
  const failing = absent.filter((r) => cellAt(r, c).state === "failing");
  const inMatrix = h("a", { href: "#/?q=" + encodeURIComponent(c.name) }, "In the matrix");
  return [
    heading(c.name, c.hub ? "Cluster" : "Hub", h("p.links", {}, inMatrix)),
    list([
      ["Hub", clusterOf.has(c.hub) ? clusterLink(clusterOf.get(c.hub)) : c.hub],
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
    section("Applications", there.length ? applicationsTable(c, there) : h("p", {}, "None.")),
    absent.length ? section("Not there", absentTable(c, absent)) : null,
    section("Levels", levelsTable(c)),
    section("Labels", metadataTable(c, "labels")),
    section("Annotations", metadataTable(c, "annotations")),
  ];
};

const applicationsTable = (c, there) =>
  table(
    "Applications of " + c.name,
    ["Component", "Version", "Release", "Argo CD", "Application", "ApplicationSet"],
    there.flatMap((r) =>
      applicationsAt(r, c).map((a) =>
        row(
          [h("a", { href: toCell(r, c) }, r.component), inGroup(r)],
          h("span" + (isOdd(r, cellAt(r, c)) ? ".odd" : ""), {}, a.version),
          a.release,
          a.argoCD,
          code(a.name),
          code(a.applicationSet),
        ),
      ),
    ),
  );

const absentTable = (c, absent) =>
  table(
    "Components that " + c.name + " has not",
    ["Component", "State", "Why"],
    absent.map((r) => {
      const cell = cellAt(r, c);
      const state = h("span." + cell.state, {}, shown(cell));
      return row([h("a", { href: toCell(r, c) }, r.component), inGroup(r)], state, cell.reason);
    }),
  );

const levelsTable = (c) =>
  table(
    "Levels of " + c.name + ", lowest first",
    ["Level", "Directories"],
    c.levels.map((l) => {
      const directories = l.directories.map((d) => h("div", {}, code(d)));
      return row(badge(l.name), directories.length ? directories : quiet(l.skipped || "no directory"));
    }),
  );

const cellView = (clusterName, group, component) => {
  const c = clusterOf.get(clusterName);
  const r = componentOf.get(group + "/" + component);
  if (!c || !r) return missing("component " + component + " on " + clusterName);
  const cell = cellAt(r, c);
  const apps = applicationsAt(r, c);
  const findings = r.findings.filter((f) => !f.clusters.length || f.clusters.includes(c.index));
  return [
    heading(
      component + " on " + c.name,
      "Component on a cluster",
      h("p.links", {}, clusterLink(c), " · ", componentLink(r)),
    ),
    apps.length ? apps.map((a) => applicationPart(r, c, cell, a)) : absentPart(r, c, cell),
    findings.length ? section("Findings", findingsTable(findings)) : null,
    changesAt(r, c),
  ];
};

// absentPart says why a cluster has no Application of a component.
const absentPart = (r, c, cell) => [
  h("p.state", {}, h("strong." + cell.state, {}, shown(cell)), ": ", (states[cell.state] || ["", ""])[1], "."),
  list([
    ["Why", cell.reason],
    ["Where", cell.at ? where(cell.at) : ""],
    ["Release", cell.release],
    ["Argo CD", cell.argoCD],
    ["Others", r.running ? count(r.running, "cluster") + " have it, most " + r.usual : "no cluster has it"],
  ]),
  h("p", {}, "What would turn that, says ", code("cmp why " + r.component + " --cluster " + c.name), "."),
];

const applicationPart = (r, c, cell, a) => {
  const note = isOdd(r, cell) ? h("span.note", {}, "most clusters have " + r.usual) : null;
  const command = "cmp values --component " + r.component + " --cluster " + c.name;
  return [
    list([
      ["Version", [h("strong", {}, a.version), note]],
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
        code(command),
        " shows that too.",
      ),
      a.values < 0
        ? h("p.problem", {}, a.unknown || "They are not known.")
        : valuesView(keysOf(a.values, a.evaluated), "Values of " + r.component + " on " + c.name),
    ),
  ];
};
