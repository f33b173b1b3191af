// Loads the page again when it is served anew. Says so when that was not possible.
(() => {
  let now = "";
  const ask = async () => {
    try {
      const [version, stale] = (await (await fetch("version", { cache: "no-store" })).text()).split(" ");
      if (now && version !== now) location.reload();
      now = version;
      document.getElementById("stale").hidden = !stale;
    } catch {
      // the server has ended, or starts again
    }
  };
  setInterval(ask, 1000);
  ask();
})();
