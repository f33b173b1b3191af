// What the page is made of, and the data as objects. Whatever is in the data becomes text, never HTML.
const packed = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const text = (n) => (n < 0 ? "" : packed.texts[n]);

// h makes an element: its name with classes, its attributes, its children.
const h = (what, attributes, ...children) => {
  const [name, ...classes] = what.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && typeof value === "boolean") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
};
const number = (n) => n.toLocaleString("en-US");
const count = (n, what, many) => number(n) + " " + (n === 1 ? what : many || what + "s");
const few = (all, most = 5) =>
  all.length > most + 1
    ? all.slice(0, most).join(", ") + " and " + number(all.length - most) + " more"
    : all.join(", ");
const unique = (all) => [...new Set(all)];
const collator = new Intl.Collator("en", { numeric: true });
const sorted = (all) => unique(all).sort(collator.compare);
// groupBy returns lists of what has the same key, by these, in the order in which they come.
const groupBy = (all, keyOfOne) => {
  const groupsOf = new Map();
  for (const one of all) {
    const key = keyOfOne(one);
    if (!groupsOf.has(key)) groupsOf.set(key, []);
    groupsOf.get(key).push(one);
  }
  return groupsOf;
};
const tally = (all) => {
  const counts = new Map();
  for (const one of all) counts.set(one, (counts.get(one) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || collator.compare(String(a[0]), String(b[0])));
};

// What stands for a state where there is no version, and what it means.
const states = {
  deployed: ["deployed", "there is an Application"],
  failing: ["FAILING", "it is meant to be there, and cannot be rendered"],
  off: ["off", "enabled is not true"],
  "no-label": ["no label", "the cluster lacks a label that a selector wants"],
  selector: ["selector", "a label of the cluster has another value than a selector wants"],
  "other-argocd": ["other Argo CD", "it is left to another Argo CD, which does not have it"],
  "hand-over": ["hand-over", "the same, by the setting handover"],
  "no-release": ["no release", "the release of the cluster does not exist, or is not rendered for it"],
  "not-described": ["–", "the release does not have the component"],
  nothing: ["nothing", "the generators make no Application for the cluster"],
  "other-release": ["·", "the cluster is on another release than the one that was asked for"],
};

const place = (n) => {
  if (n < 0) return null;
  const [source, file, line] = packed.origins[n];
  return { source: text(source), file: text(file), line };
};
const placeText = (at) => (at.line ? at.file + ":" + at.line : at.file);

// A key of values: [path, value, origin, removed, overrode].
const keyOf = ([path, value, origin, removed, overrode]) => ({
  path: path.map(text),
  value: text(value),
  at: place(origin),
  removed: !!removed,
  overrode: overrode.map(([v, o]) => ({ value: text(v), at: place(o) })),
});

const clusters = packed.clusters.map((c, index) => ({
  ...c,
  index,
  hub: c.hub || "",
  tenant: c.tenant || "",
  environment: c.environment || "",
  releases: new Map(c.releases.map(([g, r]) => [text(g), text(r)])),
  levels: c.levels.map((l) => ({ name: text(l.name), directories: l.directories.map(text), skipped: text(l.skipped) })),
  findings: [],
  changes: [],
}));
const cells = packed.cells.map(([state, version, release, argoCD, reason, origin]) => ({
  state: text(state),
  version: text(version),
  release: text(release),
  argoCD: text(argoCD),
  reason: text(reason),
  at: place(origin),
}));
const components = packed.rows.map((r, index) => ({
  ...r,
  index,
  differs: r.differs || [],
  findings: [],
  changes: [],
}));
const groups = unique(components.map((r) => r.group));
const clusterOf = new Map(clusters.map((c) => [c.name, c]));
const componentOf = new Map(components.map((r) => [r.group + "/" + r.component, r]));
const cellAt = (row, cluster) => cells[row.cells[cluster.index]];
const shown = (cell) =>
  cell.state === "deployed" && cell.version ? cell.version : (states[cell.state] || [cell.state])[0];
const releaseOf = (row, cluster) => cluster.releases.get(row.group) || "";

// The Applications of a component on a cluster.
const applications = groupBy(packed.applications, (a) => a[0] * clusters.length + a[1]);
const applicationsAt = (row, cluster) =>
  (applications.get(row.index * clusters.length + cluster.index) || []).map((a) => ({
    argoCD: text(a[2]),
    applicationSet: text(a[3]),
    name: text(a[4]).replaceAll("\u0001", cluster.name),
    version: text(a[5]),
    release: text(a[6]),
    values: a[7],
    unknown: text(a[8]),
    evaluated: a.slice(9),
    cluster,
  }));

// What most clusters have of a component; others are odd.
for (const row of components) {
  const versions = tally(
    clusters
      .map((c) => cellAt(row, c))
      .filter((cell) => cell.state === "deployed")
      .map((cell) => cell.version),
  );
  row.versions = versions;
  row.usual = versions.length ? versions[0][0] : "";
  row.running = versions.reduce((n, [, m]) => n + m, 0);
}
const isOdd = (row, cell) => cell.state === "deployed" && row.versions.length > 1 && cell.version !== row.usual;

// Addresses of the pages.
const encode = (parts) => "#/" + parts.map(encodeURIComponent).join("/");
const toCluster = (c) => encode(["cluster", c.name]);
const toComponent = (r) => encode(["component", r.group, r.component]);
const toCell = (r, c) => encode(["at", c.name, r.group, r.component]);
const clusterLink = (c) => h("a", { href: toCluster(c) }, c.name);
const componentLink = (r) => h("a", { href: toComponent(r) }, r.component);
const badge = (level) => h("span.badge.level-" + (levelNames.indexOf(level) + 1), {}, level);
const levelNames = clusters.length ? clusters[0].levels.map((l) => l.name) : [];
const code = (...children) => h("code", {}, ...children);
const quiet = (...children) => h("span.quiet", {}, ...children);

// table makes a table with a caption that only screen readers say, unless it is to be seen.
const table = (caption, head, rows, attributes) =>
  h(
    "div.scroll",
    { tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      attributes,
      h("caption.unseen", {}, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          head.map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h("tbody", {}, rows),
    ),
  );
const row = (first, ...others) =>
  h(
    "tr",
    {},
    h("th", { scope: "row" }, first),
    others.map((one) => h("td", {}, one)),
  );

if (packed.findings) {
  for (const finding of packed.findings.list) {
    for (const n of finding.clusters) clusters[n].findings.push(finding);
    for (const n of finding.rows) components[n].findings.push(finding);
  }
}
