"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const table = find("table");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const order = new Intl.Collator("en", { numeric: true });

  const filters = find("filters");
  const filter = () => {
    const words = find("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    const pack = find("pack").value;
    const state = find("state").value;
    let shown = 0;
    for (const row of rows) {
      const fits =
        (!pack || row.dataset.pack === pack) &&
        (!state || row.dataset.states.split(" ").includes(state)) &&
        words.every((word) => texts.get(row).includes(word));
      row.hidden = !fits;
      shown += fits;
    }
    find("shown").textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
  };
  filters.hidden = false;
  filters.addEventListener("input", filter);
  find("all").addEventListener("click", () => {
    filters.reset();
    filter();
  });
  filters.addEventListener("submit", (event) => event.preventDefault());
  for (const link of document.querySelectorAll("a[data-state]")) {
    link.addEventListener("click", () => {
      filters.reset();
      find("state").value = link.dataset.state;
      filter();
    });
  }

  const headings = [...table.tHead.rows[0].cells];
  const sort = (heading) => {
    const column = heading.cellIndex;
    const falls = heading.ariaSort ? heading.ariaSort === "ascending" : "numeric" in heading.dataset;
    const sign = falls ? -1 : 1;
    const read = "numeric" in heading.dataset
      ? (row) => Number(row.cells[column].dataset.value)
      : (row) => row.cells[column].textContent.trim();
    const compare = "numeric" in heading.dataset ? (one, other) => one - other : order.compare;
    const keyed = rows.map((row) => [read(row), row]);
    keyed.sort(([one], [other]) => sign * compare(one, other));
    keyed.forEach(([, row], at) => { rows[at] = row; });
    const sorted = document.createDocumentFragment();
    for (const row of rows) sorted.append(row);
    body.append(sorted);
    for (const other of headings) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", falls ? "descending" : "ascending");
  };
  for (const heading of headings) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(heading));
    heading.append(button);
  }

  const theme = find("theme");
  const set = (name) => {
    document.documentElement.dataset.theme = name;
    theme.setAttribute("aria-pressed", String(name === "dark"));
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = localStorage.getItem("claudepack-theme");
  } catch {
    // A browser may keep nothing for a file; then the system's theme it is, each time.
  }
  set(chosen === "dark" || (chosen !== "light" && dark.matches) ? "dark" : "light");
  dark.addEventListener("change", () => { if (!chosen) set(dark.matches ? "dark" : "light"); });
  theme.hidden = false;
  theme.addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    set(chosen);
    try {
      localStorage.setItem("claudepack-theme", chosen);
    } catch {
      // As above.
    }
  });
  filter();
})();
