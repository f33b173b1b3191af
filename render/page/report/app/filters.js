// What stands above the matrix: the fleet in numbers, failures, filters.

const summary = () => {
  const all = components.flatMap((r) => clusters.map((c) => cellAt(r, c)));
  const failing = all.filter((cell) => cell.state === "failing").length;
  const differ = components.filter((r) => r.versions.length > 1).length;
  const hubs = unique(clusters.map((c) => c.hub || c.name)).length;
  const tile = (n, what, href, className) =>
    h("li" + (className || ""), {}, h("a", { href }, h("strong", {}, number(n)), " " + what));
  const tiles = [
    tile(clusters.length, clusters.length === 1 ? "cluster" : "clusters of " + count(hubs, "hub"), "#/"),
    tile(components.length, "components", "#/components"),
    tile(packed.applications.length, "Applications", "#/?has=deployed"),
    tile(failing, "failing", "#/?has=failing", failing ? ".bad" : ".good"),
    tile(differ, "in several versions", "#/components?differ=1"),
  ];
  if (packed.findings)
    tiles.push(
      tile(
        packed.findings.list.length,
        packed.findings.list.length === 1 ? "finding" : "findings",
        "#/findings",
        packed.findings.errors ? ".bad" : packed.findings.list.length ? ".soso" : ".good",
      ),
    );
  if (packed.changes)
    tiles.push(
      tile(
        packed.changes.changes.length,
        packed.changes.changes.length === 1 ? "change" : "changes",
        "#/changes",
        packed.changes.dangers.length ? ".bad" : "",
      ),
    );
  return h("ul.tiles", { "aria-label": "The fleet" }, tiles);
};

const failureList = () =>
  packed.failures.length
    ? h(
        "details.problem",
        { open: packed.failures.length < 4 },
        h("summary", {}, count(packed.failures.length, "failure") + ": what is shown may not be all"),
        h(
          "ul",
          {},
          packed.failures.slice(0, 200).map((f) => h("li", {}, f)),
        ),
      )
    : null;

const select = (name, label, want, all) =>
  h(
    "label",
    {},
    label,
    h(
      "select",
      { name, id: "filter-" + name },
      h("option", { value: "" }, "all"),
      all.map(([value, said]) => h("option", { value, selected: want[name] === value }, said)),
    ),
  );

const filterForm = (want) => {
  const pairs = (all) => sorted(all.filter(Boolean)).map((one) => [one, one]);
  const has = [
    ["deployed", "deployed"],
    ["failing", "failing"],
    ["odd", "other than most"],
    ["absent", "not there"],
    ...unique(cells.map((cell) => cell.state))
      .filter((s) => !["deployed", "failing", "other-release"].includes(s))
      .map((s) => [s, states[s] ? states[s][0] : s]),
  ];
  if (packed.findings) has.push(["findings", "findings"]);
  if (packed.changes) has.push(["changes", "changes"]);
  const form = h(
    "form.filters",
    { id: "filters", autocomplete: "off", onsubmit: (e) => e.preventDefault() },
    groups.length > 1
      ? select(
          "group",
          "Group",
          want,
          groups.map((g) => [g, g]),
        )
      : null,
    select(
      "component",
      "Component",
      want,
      components.map((r) => [
        r.group + "/" + r.component,
        groups.length > 1 ? r.component + " (" + r.group + ")" : r.component,
      ]),
    ),
    select("tenant", "Tenant", want, pairs(clusters.map((c) => c.tenant))),
    select("environment", "Environment", want, pairs(clusters.map((c) => c.environment))),
    select("hub", "Hub", want, pairs(clusters.map((c) => c.hub || c.name))),
    select("release", "Release", want, pairs(clusters.flatMap((c) => [...c.releases.values()]))),
    select("has", "With", want, has),
    h(
      "label.check",
      {},
      h("input", { type: "checkbox", name: "equal", id: "filter-equal", checked: isGrouped(want) }),
      "equal clusters as one",
    ),
    h("a.button", { href: "#/", id: "reset" }, "Reset"),
  );
  form.addEventListener("input", (event) => {
    const { name, type, checked, value } = event.target;
    change({ [name]: type === "checkbox" ? (checked ? "1" : "0") : value });
  });
  return form;
};

const isGrouped = (want) => (want.equal ? want.equal === "1" : clusters.length > 30);
