// What is searched for: words, fields such as tenant:retail, and conditions such as cert-manager < 1.15.

// parseVersion reads a semantic version, of which parts may be missing; null if it is none.
const parseVersion = (version) => {
  const found = /^[vV]?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$/.exec(version.trim());
  return (
    found && {
      numbers: [1, 2, 3].map((n) => Number(found[n] || 0)),
      given: [1, 2, 3].filter((n) => found[n] !== undefined).length,
      pre: found[4] || "",
    }
  );
};
const comparePre = (a, b) => {
  if (a === b) return 0;
  if (!a || !b) return a ? -1 : 1; // a version without one comes after those with one
  const as = a.split("."),
    bs = b.split(".");
  for (let i = 0; i < Math.max(as.length, bs.length); i++) {
    if (as[i] === undefined || bs[i] === undefined) return as[i] === undefined ? -1 : 1;
    const [x, y] = [as[i], bs[i]],
      [xn, yn] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (x === y) continue;
    if (xn && yn) return Number(x) - Number(y);
    if (xn !== yn) return xn ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
};
const compareVersions = (a, b) => {
  for (let i = 0; i < 3; i++) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i];
  return comparePre(a.pre, b.pre);
};
// meets tells whether a version meets a condition; undefined if the two cannot be compared. 1.15 stands for all 1.15.x,
// and not for candidates of 1.15.0, which come before.
const meets = (version, operator, wanted) => {
  const have = parseVersion(version);
  if (!have) return undefined;
  const order = compareVersions(have, wanted);
  const same =
    order >= 0 &&
    (order === 0 ||
      (wanted.given < 3 &&
        !wanted.pre &&
        have.numbers.slice(0, wanted.given).every((n, i) => n === wanted.numbers[i])));
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order < 0 || same;
    case ">":
      return order > 0 && !same;
    case ">=":
      return order >= 0;
    case "!=":
      return !same;
  }
  return same;
};

const plain = (name) => name.toLowerCase().replaceAll("_", "-");
const fieldNames = {
  cluster: "name",
  name: "name",
  tenant: "tenant",
  env: "environment",
  environment: "environment",
  hub: "hub",
};

// parseQuery takes a search apart.
const parseQuery = (query) => {
  const found = { conditions: [], fields: [], words: [], wrong: [] };
  let rest = query
    .replace(/\s(?:below|under|before)\s+(?=v?\d)/gi, " < ")
    .replace(/\s(?:above|over|after)\s+(?=v?\d)/gi, " > ");
  rest = rest.replace(/(?:^|\s)label:([^\s=]+)(?:=(\S*))?/g, (_, key, value) => {
    found.fields.push({ key: "label", label: key, value });
    return " ";
  });
  rest = rest.replace(
    /(?:^|\s)(cluster|name|tenant|env|environment|hub|release|group|component|state|has)\s*[:=]\s*(\S+)/gi,
    (_, key, value) => {
      found.fields.push({ key: key.toLowerCase(), value: value.toLowerCase() });
      return " ";
    },
  );
  rest = rest.replace(/([^\s,;<>=!]+)\s*(<=|>=|!=|==|=|<|>)\s*([^\s,;]+)/g, (_, name, operator, version) => {
    const wanted = parseVersion(version);
    if (!wanted) found.wrong.push(version + " is no version");
    else found.conditions.push({ name, operator: operator === "==" ? "=" : operator, version, wanted });
    return " ";
  });
  found.words = rest
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter((word) => word && word !== "and");
  return found;
};

const componentsCalled = (name) => {
  const exact = components.filter((r) => plain(r.component) === plain(name));
  return exact.length ? exact : components.filter((r) => plain(r.component).includes(plain(name)));
};
const labelOf = (cluster, key) => {
  cluster.labels ??= new Map(
    cluster.metadata
      .map(keyOf)
      .filter((k) => k.path[0] === "labels" && !k.removed)
      .map((k) => [k.path[1], readable(k.value)]),
  );
  return cluster.labels.get(key);
};
const clusterText = (c) =>
  (c.text ??= [c.name, c.hub, c.tenant, c.environment, ...c.releases.values()].join("\n").toLowerCase());

const hasState = {
  failing: (r, cell) => cell.state === "failing",
  deployed: (r, cell) => cell.state === "deployed",
  odd: isOdd,
  absent: (r, cell) => cell.state !== "deployed",
};
const stateTest = (name) =>
  (Object.hasOwn(hasState, name) && hasState[name]) ||
  ((r, cell) => cell.state === name || shown(cell).toLowerCase() === name);

// look returns the clusters and components that a search and the filters leave, and what to say about it.
const look = (want) => {
  const query = parseQuery(want.q || "");
  const notes = [...query.wrong];
  let columns = components.filter((r) => !want.group || r.group === want.group);
  let left = clusters.filter(
    (c) =>
      (!want.tenant || c.tenant === want.tenant) &&
      (!want.environment || c.environment === want.environment) &&
      (!want.hub || c.hub === want.hub || c.name === want.hub) &&
      (!want.release || [...c.releases.values()].includes(want.release)),
  );
  if (want.component) columns = columns.filter((r) => r.group + "/" + r.component === want.component);
  for (const f of query.fields) [left, columns] = byField(f, left, columns);
  const named = [];
  for (const condition of query.conditions) {
    if (plain(condition.name) === "findings") {
      left = left.filter((c) => meets(String(c.findings.length), condition.operator, condition.wanted));
      continue;
    }
    const of = componentsCalled(condition.name).filter((r) => columns.includes(r));
    if (!of.length) notes.push("no component is called " + condition.name);
    named.push(...of);
    let unknown = 0,
      failing = 0;
    left = left.filter((c) => {
      const results = of
        .map((r) => cellAt(r, c))
        .filter((cell) => cell.state === "deployed")
        .flatMap((cell) => cell.version.split(","))
        .map((version) => meets(version, condition.operator, condition.wanted));
      if (results.includes(true)) return true;
      if (results.includes(undefined)) unknown++;
      else if (of.some((r) => cellAt(r, c).state === "failing")) failing++;
      return false;
    });
    if (failing) notes.push(count(failing, "cluster") + " where " + condition.name + " is failing");
    if (unknown) notes.push(count(unknown, "cluster") + " with a version that cannot be compared");
  }
  let word;
  [left, columns, word] = byWords(query.words, left, columns, named);
  if (want.has) {
    const test = stateTest(want.has);
    if (want.has === "findings") left = left.filter((c) => c.findings.length);
    else if (want.has === "changes") left = left.filter((c) => c.changes.length);
    else {
      left = left.filter((c) => columns.some((r) => test(r, cellAt(r, c))));
      columns = columns.filter((r) => left.some((c) => test(r, cellAt(r, c))));
    }
  }
  return { clusters: left, columns, notes: word ? [...notes, word] : notes, conditions: query.conditions };
};

const byField = (f, left, columns) => {
  const property = fieldNames[f.key];
  if (f.key === "label")
    return [
      left.filter((c) => (f.value === undefined ? labelOf(c, f.label) !== undefined : labelOf(c, f.label) === f.value)),
      columns,
    ];
  if (property)
    return [left.filter((c) => (f.key === "hub" ? c.hub || c.name : c[property]).toLowerCase() === f.value), columns];
  if (f.key === "release")
    return [left.filter((c) => [...c.releases.values()].some((r) => r.toLowerCase() === f.value)), columns];
  if (f.key === "group") return [left, columns.filter((r) => r.group.toLowerCase() === f.value)];
  if (f.key === "component") return [left, columns.filter((r) => componentsCalled(f.value).includes(r))];
  const test = stateTest(f.value);
  return [left.filter((c) => columns.some((r) => test(r, cellAt(r, c)))), columns];
};

// byWords leaves clusters that have all words: in what they are called and belong to, in what their components are
// called, or in what stands in their cells. Words that are of components only choose the columns, besides those
// that are named in conditions.
const byWords = (words, left, columns, named) => {
  let chosen = named;
  const others = [];
  for (const word of words) {
    const called = columns.filter((r) => plain(r.component).includes(plain(word)));
    const ofClusters = left.filter((c) => clusterText(c).includes(word));
    if (ofClusters.length && !called.some((r) => plain(r.component) === plain(word))) left = ofClusters;
    else if (called.length) {
      const both = chosen.filter((r) => called.includes(r));
      chosen = both.length ? both : [...chosen, ...called];
    } else others.push(word);
  }
  if (chosen.length) columns = columns.filter((r) => chosen.includes(r));
  for (const word of others) {
    const has = (r, c) => shown(cellAt(r, c)).toLowerCase().includes(word) || cellAt(r, c).state.includes(word);
    left = left.filter((c) => columns.some((r) => has(r, c)));
    columns = columns.filter((r) => left.some((c) => has(r, c)));
    if (!left.length) return [left, columns, "nothing has " + word];
  }
  return [left, columns, ""];
};
