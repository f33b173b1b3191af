"use strict";
// Shows the data of the page. Whatever is in it becomes text, never HTML. Of what there is, only a part is in the
// document: more is added when its end comes into view, and what differs when it is unfolded.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const part = 100;
  let view = "changes", found = [], shown = 0;

  const element = (name, className, ...children) => {
    const node = document.createElement(name);
    if (className) node.className = className;
    node.append(...children);
    return node;
  };
  const number = (n) => n.toLocaleString("en-US");
  const count = (n, what) => number(n) + " " + what + (n === 1 ? "" : "s");
  const inClusters = (n) => n === data.clusterCount ? "in " + count(n, "cluster")
    : "in " + number(n) + " of " + count(data.clusterCount, "cluster");

  // Clusters are runs of numbers: first, last, first, last.
  const size = (runs) => { let n = 0; for (let i = 0; i < runs.length; i += 2) n += runs[i + 1] - runs[i] + 1; return n; };
  const some = (runs, test) => {
    for (let i = 0; i < runs.length; i += 2) for (let n = runs[i]; n <= runs[i + 1]; n++) if (test(n)) return true;
    return false;
  };
  const numbers = (runs) => { const all = []; some(runs, (n) => { all.push(n); }); return all; };
  const names = (runs) => numbers(runs).map((n) => data.clusters[n].name);
  const few = (all) => all.length > 10 ? all.slice(0, 10).join(", ") + " and " + number(all.length - 10) + " more" : all.join(", ");

  const lower = []; // texts in lower case, once they have been searched
  const textHas = (index, word) => index >= 0 && (lower[index] ??= data.texts[index].toLowerCase()).includes(word);
  const searchable = (change) => change.lower ??= [data.components[change.component], change.action, change.apiVersion,
    change.object, ...change.causes, ...change.dangers.flat(), ...numbers(change.applications).map((n) => data.applications[n].name)]
    .join("\n").toLowerCase();

  // wanted returns what the filters say, and a test for the number of a cluster.
  const wanted = () => {
    const cluster = byId("cluster").value.trim().toLowerCase(), tenant = byId("tenant").value;
    const exact = data.clusters.some((c) => c.name.toLowerCase() === cluster);
    const is = data.clusters.map((c) => (!tenant || c.tenant === tenant) &&
      (!cluster || (exact ? c.name.toLowerCase() === cluster : c.name.toLowerCase().includes(cluster))));
    return { words: byId("search").value.toLowerCase().split(/\s+/).filter(Boolean), component: byId("component").value,
      danger: byId("danger").value, any: !cluster && !tenant, is: (n) => is[n] };
  };
  const hasDanger = (kinds, danger) => !danger || (danger === "any" ? kinds.length > 0 : kinds.includes(danger));

  const filter = () => {
    const want = wanted();
    const component = want.component === "" ? -1 : Number(want.component);
    if (view === "changes") {
      found = data.changes.filter((c) => (component < 0 || c.component === component) &&
        hasDanger(c.dangers.map((d) => d[0]), want.danger) && (want.any || some(c.clusters, want.is)) &&
        want.words.every((word) => searchable(c).includes(word) || textHas(c.text, word)));
    } else {
      found = data.applications.filter((a) => (component < 0 || a.component === component) &&
        hasDanger(a.kinds, want.danger) && (want.any || want.is(a.cluster)) &&
        want.words.every((word) => (a.name + "\n" + (a.was || "") + "\n" + data.components[a.component]).toLowerCase().includes(word)));
    }
    byId("list").replaceChildren();
    shown = 0;
    const all = view === "changes" ? data.changes : data.applications;
    byId("count").textContent = found.length === all.length ? count(all.length, view.slice(0, -1))
      : number(found.length) + " of " + count(all.length, view.slice(0, -1));
    byId("unfold").hidden = view !== "changes";
    more();
  };

  const more = () => {
    const rows = found.slice(shown, shown + part).map(view === "changes" ? changeRow : applicationRow);
    shown += rows.length;
    byId("list").append(...rows);
    byId("more").hidden = shown >= found.length;
  };

  const changeRow = (change) => {
    const summary = element("summary", "", element("code", "", data.components[change.component]), ": ",
      element("code", "", change.object), " " + change.action + " ",
      element("span", "quiet", "(+" + number(change.added) + " -" + number(change.deleted) + ")"), ", ",
      inClusters(size(change.clusters)) + which(change));
    for (const kind of new Set(change.dangers.map((d) => d[0]))) summary.append(" ", element("strong", "danger", kind));
    const details = element("details", "", summary);
    details.addEventListener("toggle", () => {
      if (details.open && !details.querySelector(".inside")) details.append(inside(change));
    });
    return details;
  };

  // which names the clusters of a change where that is short.
  const which = (change) => {
    const n = size(change.clusters);
    if (n === data.clusterCount || (!change.selector && n > 3)) return "";
    return " (" + (change.selector || names(change.clusters).join(", ")) + ")";
  };

  const inside = (change) => {
    const box = element("div", "inside");
    for (const [kind, message] of change.dangers) box.append(element("p", "danger", element("strong", "", kind), ": " + message));
    box.append(element("p", "clusters", "In " + (change.selector ? change.selector + ": " : "") + names(change.clusters).join(", ")));
    if (change.without.length) box.append(element("p", "", "Not in " + change.without.join(", ") + ", where another value wins"));
    for (const cause of change.causes) box.append(element("p", "", "Caused by ", element("code", "", cause)));
    if (change.text >= 0) box.append(diff(change));
    if (change.left) box.append(element("p", "quiet", "And " + count(change.left, "more line") + ", which -o json has."));
    return box;
  };

  const diff = (change) => {
    const sign = change.action === "added" ? "+" : change.action === "removed" ? "-" : "";
    const pre = element("pre", "");
    for (let line of data.texts[change.text].split("\n")) {
      line = sign + line;
      const className = line.startsWith("@@") ? "hunk" : line.startsWith("+") ? "plus" : line.startsWith("-") ? "minus" : "";
      pre.append(element("span", className, line));
    }
    return pre;
  };

  const applicationRow = (app) => {
    const button = element("button", "", "Changes");
    button.type = "button";
    button.addEventListener("click", () => {
      byId("filters").reset();
      byId("cluster").value = data.clusters[app.cluster].name;
      byId("component").value = String(app.component);
      show("changes");
    });
    return element("div", "row", element("span", "", app.was ? app.was + " → " + app.name : app.name),
      element("span", "", data.clusters[app.cluster].name), element("span", "", data.components[app.component]),
      element("span", "", app.action), button);
  };

  const show = (what) => {
    view = what;
    for (const name of ["changes", "applications"]) byId("show-" + name).setAttribute("aria-pressed", String(name === view));
    filter();
  };

  const options = (id, first, all) => byId(id).append(...[["", first], ...all].map(([value, text]) => {
    const option = element("option", "", text);
    option.value = value;
    return option;
  }));
  const sorted = (all) => [...new Set(all)].sort();

  byId("between").append(element("code", "", data.before), " → ", element("code", "", data.after), ", stage " + data.stage);
  byId("totals").textContent = data.totals;
  for (const [side, message] of data.failures) {
    byId("failures").hidden = false;
    byId("failures").querySelector("ul").append(element("li", "failure", element("strong", "", side), ": " + message));
  }
  const dangers = (all) => byId("dangers").querySelector("ul").append(...all.map((danger) => {
    const where = names(danger.clusters);
    return element("li", "danger", element("strong", "", danger.kind), ": " + danger.about + ", " + inClusters(where.length) +
      (where.length === data.clusterCount ? "" : " (" + few(where) + ")"));
  }));
  byId("dangers").hidden = data.dangers.length === 0;
  dangers(data.dangers.slice(0, 20));
  byId("all-dangers").hidden = data.dangers.length <= 20;
  byId("all-dangers").textContent = "Show all " + number(data.dangers.length);
  byId("all-dangers").addEventListener("click", () => { dangers(data.dangers.slice(20)); byId("all-dangers").hidden = true; });
  options("tenant", "all", sorted(data.clusters.map((c) => c.tenant).filter(Boolean)).map((t) => [t, t]));
  options("component", "all", data.components.map((name, i) => [String(i), name]));
  options("danger", "all", [["any", "any danger"], ...sorted(data.dangers.map((d) => d.kind)).map((k) => [k, k])]);
  byId("clusters").append(...data.clusters.map((c) => { const o = element("option", ""); o.value = c.name; return o; }));

  let timer;
  const later = () => { clearTimeout(timer); timer = setTimeout(filter, 120); };
  for (const id of ["search", "cluster", "tenant", "component", "danger"]) byId(id).addEventListener("input", later);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", later);
  byId("show-changes").addEventListener("click", () => show("changes"));
  byId("show-applications").addEventListener("click", () => show("applications"));
  byId("unfold").addEventListener("click", () => { for (const d of byId("list").children) d.open = true; });
  byId("more").addEventListener("click", more);
  new IntersectionObserver((entries) => { if (entries[0].isIntersecting) more(); }, { rootMargin: "400px" }).observe(byId("more"));
  show(data.changes.length || !data.applications.length ? "changes" : "applications");
})();
