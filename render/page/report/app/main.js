// Which page is shown: what stands after # in the address.
let beforePrint = () => {};
const route = () => {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  return {
    path: path.split("/").filter(Boolean).map(decode),
    want: Object.fromEntries(new URLSearchParams(query || "")),
  };
};
const decode = (part) => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // written by hand
  }
};

// change changes a part of what is wanted, and leaves the rest of the address.
const change = (some) => {
  const { path, want } = route();
  const next = Object.fromEntries(Object.entries({ ...want, ...some }).filter(([, value]) => value !== ""));
  const query = new URLSearchParams(next).toString();
  history.replaceState(null, "", encode(path) + (query ? "?" + query : ""));
  draw(true);
};

const pages = [
  ["", "Matrix"],
  ["components", "Components"],
  ["releases", "Releases"],
  ["findings", "Findings"],
  ["changes", "Changes"],
].filter(([path]) => (path !== "findings" || packed.findings) && (path !== "changes" || packed.changes));

const viewOf = ({ path, want }) => {
  switch (path[0]) {
    case undefined:
      return matrixView(want);
    case "components":
      return componentsView(want);
    case "cluster":
      return clusterView(path[1]);
    case "component":
      return componentView(path[1], path[2], want);
    case "at":
      return cellView(path[1], path[2], path[3]);
    case "releases":
      return releasesView(want);
    case "findings":
      return findingsView(want);
    case "changes":
      return changesView(want);
  }
  return missing("such address");
};
// Which of the pages a page belongs to.
const parents = { cluster: "", at: "", component: "components" };

const draw = (same) => {
  const now = route(),
    focused = same && document.activeElement ? document.activeElement : null;
  const name = now.path[0] || "",
    at = parents[name] ?? name;
  beforePrint = () => {};
  const [id, from] = focused ? [focused.id || "", focused.selectionStart] : ["", null];
  const sort = focused && focused.dataset ? focused.dataset.sort : undefined;
  const main = byId("main");
  main.replaceChildren(...[viewOf(now)].flat(3).filter(Boolean));
  // Screen readers say what changes in an element that stays. What is new as a whole is said with its title.
  const answer = same && byId("count") ? byId("count").textContent : "";
  if (byId("said").textContent !== answer) byId("said").textContent = answer;
  byId("pages").replaceChildren(
    ...pages.map(([path, title]) =>
      h("li", {}, h("a", { href: "#/" + path, "aria-current": path === at ? "page" : null }, title)),
    ),
  );
  if (name === "" && document.activeElement !== byId("search")) byId("search").value = now.want.q || "";
  if (name !== "" && !same) byId("search").value = "";
  const again =
    id && id !== "search"
      ? byId(id)
      : sort
        ? main.querySelector("button[data-sort=" + JSON.stringify(sort) + "]")
        : null;
  if (again) {
    again.focus();
    if (from !== null && from !== undefined && again.setSelectionRange && again.type === "search")
      again.setSelectionRange(from, from);
  } else if (!same && started) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
};
let started = false;

let timer;
byId("search").addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (route().path.length) history.pushState(null, "", "#/");
    change({ q: byId("search").value });
  }, 100);
});
byId("find").addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    byId("search").focus();
  }
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
addEventListener("hashchange", () => draw(false));
addEventListener("beforeprint", () => {
  beforePrint();
  for (const details of document.querySelectorAll("main details:not(.keep)")) details.open = true;
});
byId("title").textContent = packed.title;
byId("footer").append(
  h(
    "p",
    {},
    "Made by cmp from the files of the fleet. ",
    (packed.downloads || []).flatMap((name) => [h("a", { href: name, download: name }, name), " "]),
  ),
);
draw(false);
started = true;
