// What changes, as a comparison found it. Clusters and components are numbers of its own lists, clusters as runs of
// these.
const runs = (of) => {
  const all = [];
  for (let i = 0; i < of.length; i += 2) for (let n = of[i]; n <= of[i + 1]; n++) all.push(n);
  return all;
};
if (packed.changes) {
  const { clusters: names, components: called } = packed.changes;
  for (const one of packed.changes.changes) {
    one.names = runs(one.clusters).map((n) => names[n].name);
    one.called = called[one.component];
    one.kinds = unique(one.dangers.map(([kind]) => kind));
    for (const name of one.names) if (clusterOf.has(name)) clusterOf.get(name).changes.push(one);
    if (componentOf.has(one.called)) componentOf.get(one.called).changes.push(one);
  }
}
const inClusters = (of) =>
  of.length === packed.changes.clusterCount
    ? "in all clusters"
    : "in " + number(of.length) + " of " + count(packed.changes.clusterCount, "cluster");

const diffNode = (one) => {
  const sign = one.action === "added" ? "+" : one.action === "removed" ? "-" : "";
  return h(
    "pre.diff",
    {},
    packed.changes.texts[one.text].split("\n").map((line) => {
      const whole = sign + line;
      return h(
        "span" +
          (whole.startsWith("@@") ? ".hunk" : whole.startsWith("+") ? ".plus" : whole.startsWith("-") ? ".minus" : ""),
        {},
        whole,
      );
    }),
  );
};

// changeNode is a change that unfolds when it is asked for.
const changeNode = (one) => {
  const details = h(
    "details.change.keep",
    {},
    h(
      "summary",
      {},
      code(one.called),
      ": ",
      code(one.object),
      " " + one.action + " ",
      quiet("(+" + number(one.added) + " -" + number(one.deleted) + ") "),
      inClusters(one.names) +
        (one.selector ? " (" + one.selector + ")" : one.names.length < 4 ? " (" + one.names.join(", ") + ")" : ""),
      one.kinds.map((kind) => [" ", h("strong.danger", {}, kind)]),
    ),
  );
  details.addEventListener("toggle", () => {
    if (!details.open || details.children.length > 1) return;
    details.append(
      ...one.dangers.map(([kind, message]) => h("p.danger", {}, h("strong", {}, kind), ": " + message)),
      h(
        "p",
        {},
        "In ",
        one.names
          .filter((n) => clusterOf.has(n))
          .slice(0, 200)
          .flatMap((n, i) => [i ? ", " : "", clusterLink(clusterOf.get(n))]),
        componentOf.has(one.called) ? [". Component ", componentLink(componentOf.get(one.called))] : null,
      ),
      ...(one.without.length ? [h("p", {}, "Not in " + one.without.join(", ") + ", where another value wins")] : []),
      ...one.causes.map((cause) => h("p", {}, "Caused by ", code(cause))),
      ...(one.text >= 0 ? [diffNode(one)] : []),
      ...(one.left ? [h("p.quiet", {}, "And " + count(one.left, "more line") + ", which cmp diff -o json has.")] : []),
    );
  });
  return details;
};

const changesOf = (all) => {
  const box = h("div", {});
  let drawn = 0;
  const more = h("button", { type: "button", onclick: () => add() });
  const add = () => {
    more.before(...all.slice(drawn, drawn + 100).map(changeNode));
    drawn = Math.min(all.length, drawn + 100);
    more.hidden = drawn >= all.length;
    more.textContent = "Show more: " + number(all.length - drawn) + " are left";
  };
  box.append(more);
  add();
  return box;
};
const changesAt = (r, c) => {
  const of = r.changes.filter((one) => one.names.includes(c.name));
  return of.length ? section("Changes", changesOf(of)) : null;
};

const changesView = (want) => {
  if (!packed.changes) return missing("changes: it was made without --diff");
  const { changes, dangers, failures } = packed.changes;
  const words = (want.q || "").toLowerCase().split(/\s+/).filter(Boolean);
  const lower = (one) =>
    (one.lower ??= [
      one.called,
      one.object,
      one.action,
      ...one.names,
      ...one.causes,
      ...one.dangers.flat(),
      one.text >= 0 ? packed.changes.texts[one.text] : "",
    ]
      .join("\n")
      .toLowerCase());
  const left = changes.filter(
    (one) =>
      (!want.component || one.called === want.component) &&
      (!want.action || one.action === want.action) &&
      (!want.danger || (want.danger === "any" ? one.kinds.length : one.kinds.includes(want.danger))) &&
      words.every((w) => lower(one).includes(w)),
  );
  return [
    heading("Changes"),
    h("p", {}, code(packed.changes.before), " → ", code(packed.changes.after), ", stage " + packed.changes.stage),
    h("p", {}, packed.changes.totals),
    failures.length
      ? h(
          "div.problem",
          {},
          h("p", {}, "What could not be compared: what follows is not all"),
          h(
            "ul",
            {},
            failures.map(([side, message]) => h("li", {}, side + ": " + message)),
          ),
        )
      : null,
    dangers.length
      ? section(
          "Dangers",
          h(
            "ul",
            {},
            dangers
              .slice(0, 100)
              .map((d) =>
                h("li", {}, h("strong.danger", {}, d.kind), ": " + d.about + ", " + inClusters(runs(d.clusters))),
              ),
          ),
        )
      : null,
    h(
      "form.filters",
      { onsubmit: (e) => e.preventDefault(), oninput: (e) => change({ [e.target.name]: e.target.value }) },
      h(
        "label",
        {},
        "Search",
        h("input", {
          type: "search",
          name: "q",
          id: "change-search",
          value: want.q || "",
          placeholder: "name, file, text of a diff",
        }),
      ),
      select(
        "component",
        "Component",
        want,
        sorted(changes.map((one) => one.called)).map((c) => [c, c]),
      ),
      select(
        "action",
        "What",
        want,
        sorted(changes.map((one) => one.action)).map((a) => [a, a]),
      ),
      select("danger", "Danger", want, [
        ["any", "any danger"],
        ...sorted(changes.flatMap((one) => one.kinds)).map((k) => [k, k]),
      ]),
    ),
    h(
      "p.answer",
      { id: "count" },
      h(
        "strong",
        {},
        left.length === changes.length
          ? count(changes.length, "change")
          : number(left.length) + " of " + count(changes.length, "change"),
      ),
    ),
    left.length ? changesOf(left) : h("p.empty", {}, changes.length ? "None fits." : "Nothing changes."),
  ];
};
