// Loads the page again when it is served anew. Says so when that was not possible.
(() => {
  let now = "";
  const box = document.getElementById("stale");
  const ask = async () => {
    try {
      const [first, ...why] = (await (await fetch("version", { cache: "no-store" })).text()).split("\n");
      const [version, stale] = first.split(" ");
      if (now && version !== now) location.reload();
      now = version;
      const says = stale ? "The last change cannot be shown: " + (why.join("\n") || "cmp page --serve says why.") : "";
      if (box.textContent !== says) box.textContent = says;
      box.hidden = !stale;
    } catch {
      // the server has ended, or starts again
    }
  };
  setInterval(ask, 1000);
  ask();
})();
