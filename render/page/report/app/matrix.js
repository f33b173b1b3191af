// The matrix: a row for each cluster or for equal ones, a column for each component.
const part = 60; // rows that are drawn at once

// Columns before those of components: [name, title, text of a cluster, sorts as a number].
const facts = () => (factsOnce ??= allFacts().filter(([name, , of]) => name === "findings" || clusters.some(of)));
let factsOnce; // they are the same for all rows
const allFacts = () => [
  ["tenant", "Tenant", (c) => c.tenant],
  ["environment", "Environment", (c) => c.environment],
  ...(unique(clusters.map((c) => c.hub)).length > 2 ? [["hub", "Hub", (c) => c.hub]] : []),
  ["release", "Release", (c) => unique([...c.releases.values()]).join(", ")],
  ...(packed.findings ? [["findings", "Findings", (c) => (c.findings.length ? String(c.findings.length) : "")]] : []),
  ...(packed.changes ? [["changes", "Changes", (c) => (c.changes.length ? String(c.changes.length) : "")]] : []),
];

const sortKey = (want, columns) => {
  const [name, direction] = (want.sort || "").split(":");
  const fact = facts().find(([n]) => n === name),
    column = columns.find((r) => r.group + "/" + r.component === name);
  const of = name === "name" ? (c) => c.name : fact ? fact[2] : column ? (c) => shown(cellAt(column, c)) : null;
  if (!of) return null;
  const sign = direction === "descending" ? -1 : 1;
  return (a, b) => {
    const [x, y] = [of(a), of(b)];
    if (!x !== !y) return x ? -1 : 1; // nothing comes last
    const [v, w] = column ? [parseVersion(x), parseVersion(y)] : [];
    if (!v !== !w) return v ? -1 : 1;
    return sign * (v && w ? compareVersions(v, w) : collator.compare(x, y));
  };
};

const matrixView = (want) => {
  document.title = packed.title;
  const found = look(want);
  const compare = sortKey(want, found.columns);
  const list = compare ? [...found.clusters].sort(compare) : hubsFirst(found.clusters);
  const rows = isGrouped(want) ? grouped(list, found.columns) : list.map((c) => [c]);
  return [
    h("h1.unseen", {}, packed.title),
    summary(),
    failureList(),
    filterForm(want),
    answer(want, found, rows),
    found.columns.length && rows.length
      ? matrixTable(want, found, rows)
      : h("p.empty", {}, "Nothing here fits. ", h("a", { href: "#/" }, "Show all"), "."),
  ];
};

const hubsFirst = (all) => [...all].sort((a, b) => (a.hub ? 1 : 0) - (b.hub ? 1 : 0));
// grouped returns lists of clusters that have the same in all columns.
const grouped = (list, columns) => [
  ...groupBy(list, (c) => c.hub + "\n" + columns.map((r) => r.cells[c.index]).join()).values(),
];

// answer says in a sentence what the table shows.
const answer = (want, found, rows) => {
  const conditions = found.conditions.filter((c) => plain(c.name) !== "findings");
  const parts = [
    h(
      "strong",
      {},
      found.clusters.length === clusters.length
        ? count(clusters.length, "cluster")
        : number(found.clusters.length) + " of " + count(clusters.length, "cluster"),
    ),
  ];
  if (conditions.length)
    parts.push(
      " " +
        (found.clusters.length === 1 ? "runs " : "run ") +
        conditions.map((c) => c.name + " " + c.operator + " " + c.version).join(" and "),
    );
  parts.push(", " + count(found.columns.length, "component"));
  if (rows.length < found.clusters.length) parts.push(", as " + count(rows.length, "row"));
  if (conditions.length && found.clusters.length)
    parts.push(
      ": " +
        few(
          found.clusters.map((c) => c.name),
          8,
        ),
    );
  for (const note of found.notes) parts.push(h("span.note", {}, note));
  return h("p.answer", { id: "count" }, parts);
};

const headOf = (want, name, title, attributes, ...children) => {
  const [sorted, direction] = (want.sort || "").split(":");
  const now = sorted === name ? direction || "ascending" : "none";
  const next = now === "ascending" ? name + ":descending" : now === "descending" ? "" : name + ":ascending";
  return h(
    "th",
    { scope: "col", "aria-sort": now === "none" ? null : now, ...attributes },
    ...children,
    h(
      "button.sort",
      { type: "button", title: "Sort by " + title, "data-sort": name, onclick: () => change({ sort: next }) },
      title,
      h("span.arrow", { "aria-hidden": "true" }, now === "ascending" ? " ▲" : now === "descending" ? " ▼" : ""),
    ),
  );
};

const matrixHead = (want, columns) => {
  const of = facts();
  const spans = groups.map((g) => [g, columns.filter((r) => r.group === g).length]).filter(([, n]) => n);
  const groupHeads = spans.map(([g, n]) => h("th", { scope: "colgroup", colspan: String(n) }, h("span", {}, g)));
  const factHeads = of.map(([name, title]) => headOf(want, name, title, {}));
  return h(
    "thead",
    {},
    h("tr.groups", {}, h("td", { colspan: String(of.length + 1) }), groupHeads),
    h(
      "tr",
      {},
      headOf(want, "name", "Cluster", { class: "corner" }),
      factHeads,
      columns.map((r) => componentHead(want, r)),
    ),
  );
};

// componentHead is the head of a column, with a link to the page of the component: a flag, where that has findings.
const componentHead = (want, r) => {
  const findings = r.findings.length ? ", " + count(r.findings.length, "finding") : "";
  const versions = r.versions.length > 1 ? count(r.versions.length, "version") : "one version";
  const attributes = {
    href: toComponent(r),
    title: "The component " + r.component + ", " + versions + findings,
    "aria-label": "Component " + r.component + findings,
  };
  const link = h("a", attributes, findings ? "⚑" : "→");
  return headOf(want, r.group + "/" + r.component, r.component, { class: "component" }, link);
};

const cellNode = (r, c) => {
  const cell = cellAt(r, c);
  const odd = isOdd(r, cell);
  const version = cell.version + (odd ? ", most have " + r.usual : "");
  const why = cell.reason || (states[cell.state] || ["", ""])[1];
  const title = r.component + " on " + c.name + ": " + (cell.state === "deployed" ? version : why);
  const link = h("a", { href: toCell(r, c), title, tabindex: "-1" }, shown(cell));
  return h("td." + cell.state + (odd ? ".odd" : ""), {}, link);
};

// matrixRow is the row of equal clusters, with the name of the first. inside says that it is one of those that a row of
// several has unfolded.
const matrixRow = (members, columns, inside) => {
  const first = members[0];
  const link = h("a", { href: toCluster(first), tabindex: "-1" }, first.name);
  const name = h("th", { scope: "row", class: inside ? "inside" : null }, link);
  const factCells = facts().map(([, , of]) => {
    const texts = sorted(members.map(of).filter(Boolean));
    return h("td.fact", {}, members.length < 9 ? texts.join(", ") : few(texts, 3));
  });
  const cellsOf = columns.map((r) => cellNode(r, first));
  const line = h("tr", { "data-cluster": first.name }, name, factCells, cellsOf);
  if (members.length > 1) name.append(" ", moreButton(line, members.slice(1), columns));
  return line;
};

// moreButton shows the clusters that a row stands for besides its first one as rows of their own below it, or hides
// them.
const moreButton = (line, others, columns) => {
  const names = others.map((c) => c.name);
  const button = h(
    "button.more",
    { type: "button", "aria-expanded": "false", title: few(names, 12) },
    "+" + number(others.length),
    h("span.unseen", {}, " equal clusters"),
  );
  button.addEventListener("click", () => {
    const isOpen = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) for (let n = 0; n < others.length; n++) line.nextSibling.remove();
    else line.after(...others.map((c) => matrixRow([c], columns, true)));
  });
  return button;
};

const matrixTable = (want, found, rows) => {
  const body = h("tbody", {}),
    end = h("div.end", {});
  let drawn = 0;
  const more = (n) => {
    body.append(...rows.slice(drawn, drawn + n).map((members) => matrixRow(members, found.columns)));
    if (!drawn) body.querySelector("a").tabIndex = 0;
    drawn = Math.min(rows.length, drawn + n);
    end.hidden = drawn >= rows.length;
  };
  const box = h(
    "div.scroll.matrix",
    { tabindex: "0", role: "region", "aria-label": "Matrix of clusters and components; arrow keys move between cells" },
    h(
      "table",
      { id: "matrix" },
      h(
        "caption.unseen",
        {},
        "Clusters and the versions of their components. Sort by the buttons in the heads of columns.",
      ),
      matrixHead(want, found.columns),
      body,
    ),
    end,
  );
  more(part);
  if (!end.hidden) {
    new IntersectionObserver(
      (entries) => {
        if (entries.some((e) => e.isIntersecting)) more(part);
      },
      { root: box, rootMargin: "800px" },
    ).observe(end);
  }
  beforePrint = () => more(2000);
  body.addEventListener("keydown", (event) => moveInTable(event, body));
  return [box, legend(found)];
};

const legend = (found) => {
  const there = new Set(found.columns.flatMap((r) => found.clusters.map((c) => cellAt(r, c).state)));
  return h(
    "dl.legend",
    { "aria-label": "What cells say" },
    found.columns.some((r) => r.versions.length > 1)
      ? [h("dt.odd", {}, "1.2.3"), h("dd", {}, "not the version that most clusters have")]
      : [],
    Object.entries(states)
      .filter(([name]) => name !== "deployed" && there.has(name))
      .flatMap(([name, [short, long]]) => [h("dt." + name, {}, short), h("dd", {}, long)]),
  );
};

// moveInTable moves the focus from cell to cell with the arrow keys, so that the table is one stop of the tab key.
const moveInTable = (event, body) => {
  const step = {
    ArrowRight: [1, 0],
    ArrowLeft: [-1, 0],
    ArrowDown: [0, 1],
    ArrowUp: [0, -1],
    Home: [-Infinity, 0],
    End: [Infinity, 0],
  }[event.key];
  const from = event.target.closest("td, th");
  if (!step || !from || event.ctrlKey || event.metaKey || event.altKey) return;
  let line = from.parentNode,
    at = from.cellIndex;
  if (step[1]) line = step[1] > 0 ? line.nextElementSibling : line.previousElementSibling;
  const cellsOf = line ? [...line.cells].filter((cell) => cell.querySelector("a")) : [];
  if (!cellsOf.length) return;
  const now = step[1] ? cellsOf.findIndex((cell) => cell.cellIndex >= at) : cellsOf.indexOf(from) + step[0];
  const to = cellsOf[Math.max(0, Math.min(cellsOf.length - 1, now))].querySelector("a");
  event.preventDefault();
  for (const other of body.querySelectorAll('a[tabindex="0"]')) other.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
  to.scrollIntoView({ block: "nearest", inline: "nearest" });
};
