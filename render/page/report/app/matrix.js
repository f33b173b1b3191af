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
  return h(
    "thead",
    {},
    h(
      "tr.groups",
      {},
      h("td", { colspan: String(of.length + 1) }),
      spans.map(([g, n]) => h("th", { scope: "colgroup", colspan: String(n) }, h("span", {}, g))),
    ),
    h(
      "tr",
      {},
      headOf(want, "name", "Cluster", { class: "corner" }),
      of.map(([name, title]) => headOf(want, name, title, {})),
      columns.map((r) =>
        headOf(
          want,
          r.group + "/" + r.component,
          r.component,
          { class: "component" },
          h(
            "a",
            {
              href: toComponent(r),
              title:
                "The component " +
                r.component +
                ", " +
                (r.versions.length > 1 ? count(r.versions.length, "version") : "one version"),
              "aria-label": "Component " + r.component,
            },
            r.findings.length ? "⚑" : "→",
          ),
        ),
      ),
    ),
  );
};

const cellNode = (r, c) => {
  const cell = cellAt(r, c),
    odd = isOdd(r, cell);
  const title =
    r.component +
    " on " +
    c.name +
    ": " +
    (cell.state === "deployed"
      ? cell.version + (odd ? ", most have " + r.usual : "")
      : cell.reason || (states[cell.state] || ["", ""])[1]);
  return h(
    "td." + cell.state + (odd ? ".odd" : ""),
    {},
    h("a", { href: toCell(r, c), title, tabindex: "-1" }, shown(cell)),
  );
};

const matrixRow = (members, columns, inside) => {
  const first = members[0];
  const name = h(
    "th",
    { scope: "row", class: inside ? "inside" : null },
    h("a", { href: toCluster(first), tabindex: "-1" }, first.name),
  );
  const line = h(
    "tr",
    { "data-cluster": first.name },
    name,
    facts().map(([, , of]) =>
      h(
        "td.fact",
        {},
        members.length < 9
          ? sorted(members.map(of).filter(Boolean)).join(", ")
          : few(sorted(members.map(of).filter(Boolean)), 3),
      ),
    ),
    columns.map((r) => cellNode(r, first)),
  );
  if (members.length > 1) {
    const open = h(
      "button.more",
      {
        type: "button",
        "aria-expanded": "false",
        title: few(
          members.slice(1).map((c) => c.name),
          12,
        ),
      },
      "+" + number(members.length - 1),
      h("span.unseen", {}, " equal clusters"),
    );
    open.addEventListener("click", () => {
      const isOpen = open.getAttribute("aria-expanded") === "true";
      open.setAttribute("aria-expanded", String(!isOpen));
      if (!isOpen) line.after(...members.slice(1).map((c) => matrixRow([c], columns, true)));
      else for (let n = 1; n < members.length; n++) line.nextSibling.remove();
    });
    name.append(" ", open);
  }
  return line;
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
