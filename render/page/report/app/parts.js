// Parts of several pages: headings, sections, lists of clusters, tables of findings.

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

// clusterList links clusters, also with the page of a component on each; of many, it names a few until it is unfolded.
const clusterList = (all, r) => {
  const links = all.flatMap((c, i) => [i ? ", " : "", h("a", { href: r ? toCell(r, c) : toCluster(c) }, c.name)]);
  if (all.length <= 8) return links;
  const names = all.map((c) => c.name);
  return h("details", {}, h("summary", {}, few(names, 3)), links);
};

// said names what there is, the most frequent first, with how often it is there.
const said = (all) => {
  const counts = tally(all.filter(Boolean));
  return counts.map(([name, n]) => name + (n > 1 ? " (" + number(n) + ")" : "")).join(", ");
};

// inGroup names the group of a component where there are several.
const inGroup = (r) => (groups.length > 1 ? quiet(" " + r.group) : null);

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
