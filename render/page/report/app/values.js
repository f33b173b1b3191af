// Values as a tree, in which each says which level set it, and what that overrode.

const valueNode = (value) =>
  value.length > 160 || value.includes("\\n")
    ? h("details.long", {}, h("summary", {}, code(value.slice(0, 100) + "…")), h("pre", {}, readable(value)))
    : code(value);
const readable = (value) => {
  try {
    const parsed = JSON.parse(value);
    return typeof parsed === "string" ? parsed : JSON.stringify(parsed, null, 2);
  } catch {
    return value; // a part of one
  }
};
const where = (at) => [badge(at.source), " ", code(placeText(at))];

// keysOf returns the keys of a set of values, as they are evaluated for an Application.
const keysOf = (set, evaluated = []) => {
  const keys = packed.values[set].map(keyOf);
  for (let i = 0; i < evaluated.length; i += 2) {
    const key = keys[evaluated[i]];
    if (key.value.includes("{{")) [key.written, key.value] = [key.value, text(evaluated[i + 1])];
    else for (const under of key.overrode) if (under.value.includes("{{")) under.value = text(evaluated[i + 1]);
  }
  return keys;
};
const nameOfKey = (part) => (part === "" || /[. "'\\\t\n]/.test(part) ? JSON.stringify(part) : part);

// tree returns the rows of keys: maps around them have rows of their own.
const treeRows = (keys) => {
  const rows = [];
  let above = [];
  for (const key of keys) {
    const inside = key.path.slice(0, -1);
    let common = 0;
    while (common < Math.min(above.length, inside.length) && above[common] === inside[common]) common++;
    for (let depth = common; depth < inside.length; depth++) {
      rows.push(
        h(
          "tr.map",
          {},
          h("th", { scope: "row", colspan: "3", class: "depth-" + Math.min(depth, 8) }, nameOfKey(inside[depth])),
        ),
      );
    }
    above = inside;
    const last = key.path[key.path.length - 1];
    const overrode = key.overrode.map((under) =>
      h("div.under", {}, quiet("over "), h("del", {}, valueNode(under.value)), " ", where(under.at)),
    );
    rows.push(
      h(
        "tr",
        { "data-key": key.path.join(".") },
        h(
          "th",
          { scope: "row", class: "depth-" + Math.min(inside.length, 8) },
          inside.length ? h("span.unseen", {}, inside.map(nameOfKey).join(".") + ".") : null,
          nameOfKey(last),
        ),
        h(
          "td",
          {},
          key.removed ? h("em", {}, "(removed)") : valueNode(key.value),
          key.written ? h("div.under", {}, quiet("from "), valueNode(key.written)) : null,
        ),
        h("td", {}, h("div", {}, where(key.at)), overrode),
      ),
    );
  }
  return rows;
};

// valuesView shows keys with filters by level and by text.
const valuesView = (keys, caption) => {
  if (!keys.length) return h("p", {}, "No level and no Application sets a value: those of the chart count.");
  const levels = unique(keys.map((k) => k.at.source)),
    body = h("tbody", {}),
    said = h("output", { "aria-live": "polite" });
  const search = h("input", {
    type: "search",
    "aria-label": "Search keys and values",
    placeholder: "key, value or file",
    class: "key-search",
  });
  const level = h(
    "select",
    { "aria-label": "Set by level" },
    h("option", { value: "" }, "all levels"),
    levels.map((l) => h("option", { value: l }, l)),
  );
  const only = h("input", { type: "checkbox" });
  const draw = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const left = keys.filter(
      (k) =>
        (!level.value || k.at.source === level.value || k.overrode.some((o) => o.at.source === level.value)) &&
        (!only.checked || k.overrode.length) &&
        words.every((word) =>
          (k.path.join(".") + "\n" + k.value + "\n" + placeText(k.at)).toLowerCase().includes(word),
        ),
    );
    body.replaceChildren(...treeRows(left));
    said.textContent =
      left.length === keys.length
        ? count(keys.length, "value")
        : number(left.length) + " of " + count(keys.length, "value");
  };
  for (const control of [search, level, only]) control.addEventListener("input", draw);
  draw();
  return h(
    "section.values",
    {},
    h(
      "form.filters",
      { onsubmit: (e) => e.preventDefault() },
      h("label", {}, "Search", search),
      h("label", {}, "Level", level),
      h("label.check", {}, only, "only what overrides"),
      said,
    ),
    h(
      "div.scroll",
      { tabindex: "0", role: "region", "aria-label": caption },
      h(
        "table.tree",
        {},
        h("caption.unseen", {}, caption),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            ["Key", "Value", "Set by, over what"].map((name) => h("th", { scope: "col" }, name)),
          ),
        ),
        body,
      ),
    ),
  );
};
