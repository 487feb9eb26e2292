"use strict";

// The rows of the table: a run, or the runs that differ in their seeds alone. Sorting and filtering happen in the page.
const runTable = (() => {
  const firstColumns = 4;
  const directories = ["save_dir", "save_name"];
  const seeds = ["seed", "few_shot_seed", "split_seed"];
  let sort = { key: "run", descending: false };
  let columns = null; // the chosen settings; null = the first ones that differ
  let onChange = () => {};

  const percent = value => value === null || value === undefined ? "" : `${(100 * value).toFixed(1)} %`;
  const text = value => value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
  const firstMetric = split => split ? Object.values(split.metrics)[0] ?? null : null;

  // A row: { id, name, runs, settings, status, validation: [...], test: [...] }.
  function rowsOf(list, grouped) {
    const groups = new Map();
    for (const run of list) {
      const id = grouped && run.group ? `group ${run.group}` : `run ${run.name}`;
      if (!groups.has(id)) groups.set(id, []);
      groups.get(id).push(run);
    }
    return [...groups].map(([id, runs]) => ({
      id, runs,
      name: runs.length > 1 ? runs[0].group : runs[0].name,
      problem: runs.find(run => run.problem)?.problem ?? "",
      status: [...new Set(runs.map(run => run.problem ? "damaged" : run.status))].join(", "),
      settings: sharedSettings(runs),
      validation: metrics(runs, "validation"), test: metrics(runs, "test"),
    }));
  }

  function sharedSettings(runs) {
    const first = runs[0].settings;
    if (!first) return {};
    return Object.fromEntries(Object.keys(first).map(key => [key, runs.every(run => text(run.settings?.[key]) === text(first[key])) ? first[key] : "differs"]));
  }

  const metrics = (runs, split) => runs.map(run => firstMetric(run.result?.[split])).filter(value => value !== null);

  const metricText = values => values.length === 0 ? "" : values.length === 1 ? percent(values[0]) : `${percent(mean(values))} \u00b1 ${(100 * deviation(values)).toFixed(1)}`;

  function differing(rows) {
    const first = rows.find(row => Object.keys(row.settings).length > 0);
    return first ? Object.keys(first.settings).filter(key => !directories.includes(key) && rows.some(row => Object.keys(row.settings).length > 0 && text(row.settings[key]) !== text(first.settings[key]))) : [];
  }

  // Every word of the filter must fit: a comparison of a setting, or a part of the name, the status or a value.
  function fits(row, filter) {
    return filter.split(/\s+/).filter(Boolean).every(word => {
      const comparison = /^([a-z_-]+)(<=|>=|=|<|>)(.*)$/.exec(word);
      if (comparison && comparison[1].replaceAll("-", "_") in row.settings) {
        const [, key, operator, wanted] = comparison;
        return compares(row.settings[key.replaceAll("-", "_")], operator, wanted);
      }
      const part = word.toLowerCase();
      return [row.name, row.status, ...Object.values(row.settings).map(text)].some(value => value.toLowerCase().includes(part));
    });
  }

  function compares(value, operator, wanted) {
    const [a, b] = [text(value), wanted];
    const numbers = a !== "" && b !== "" && !Number.isNaN(Number(a)) && !Number.isNaN(Number(b));
    if (operator === "=") return numbers ? Number(a) === Number(b) : a.toLowerCase() === b.toLowerCase();
    if (!numbers) return false;
    return { "<": Number(a) < Number(b), ">": Number(a) > Number(b), "<=": Number(a) <= Number(b), ">=": Number(a) >= Number(b) }[operator];
  }

  const values = {
    run: row => row.name, n: row => row.runs.length, status: row => row.status,
    validation: row => row.validation.length ? mean(row.validation) : null, test: row => row.test.length ? mean(row.test) : null,
  };
  const valueOf = (row, key) => key in values ? values[key](row) : row.settings[key];

  // Numbers by size, texts by letters, rows without a value last.
  function sorted(rows) {
    const sign = sort.descending ? -1 : 1;
    const missing = value => value === null || value === undefined || value === "";
    return [...rows].sort((a, b) => {
      const [x, y] = [valueOf(a, sort.key), valueOf(b, sort.key)];
      if (missing(x) || missing(y)) return missing(x) - missing(y) || a.name.localeCompare(b.name);
      return sign * (typeof x === "number" && typeof y === "number" ? x - y : text(x).localeCompare(text(y), undefined, { numeric: true })) || a.name.localeCompare(b.name, undefined, { numeric: true });
    });
  }

  function heading(key, title, className = "") {
    const button = make("button", { type: "button", textContent: title });
    button.addEventListener("click", () => {
      sort = sort.key === key ? { key, descending: !sort.descending } : { key, descending: ["validation", "test"].includes(key) };
      onChange();
    });
    button.dataset.focus = `sort ${key}`;
    const cell = make("th", { scope: "col", className }, button);
    if (sort.key === key) cell.setAttribute("aria-sort", sort.descending ? "descending" : "ascending");
    return cell;
  }

  function cells(row, settings, chosen, choose) {
    const box = make("input", { type: "checkbox", checked: Boolean(chosen) });
    box.setAttribute("aria-label", row.name);
    box.dataset.focus = `show ${row.id}`;
    box.addEventListener("change", () => choose(row, box.checked));
    const name = row.runs.length === 1 ? make("a", { href: `#runs/${encodeURIComponent(row.name)}`, textContent: row.name }) : make("span", { textContent: row.name });
    const swatch = make("span", { className: "swatch" });
    if (chosen) swatch.style.background = chosen.color;
    return make("tr", {},
      make("td", {}, box), make("td", { className: "text" }, ...(chosen ? [swatch] : []), name), make("td", { className: "number", textContent: row.runs.length }),
      make("td", { textContent: row.status, title: row.problem }),
      ...settings.map(key => make("td", { className: "text", textContent: text(row.settings[key]) })),
      make("td", { className: "number", textContent: metricText(row.validation) }), make("td", { className: "number", textContent: metricText(row.test) }));
  }

  function showColumns(available, shown) {
    byId("columns").hidden = available.length === 0;
    byId("column-list").replaceChildren(...available.map(key => {
      const box = make("input", { type: "checkbox", checked: shown.includes(key) });
      box.dataset.focus = `column ${key}`;
      box.addEventListener("change", () => {
        columns = available.filter(other => other === key ? box.checked : shown.includes(other));
        onChange();
      });
      return make("label", { className: "check" }, box, ` ${key.replaceAll("_", " ")}`);
    }));
  }

  // Shows the rows that fit the filter; chosen rows keep their boxes. choose(row, on) is called when a box changes.
  function show(rows, chosenOf, choose) {
    const available = differing(rows);
    const shown = columns ? available.filter(key => columns.includes(key)) : available.filter(key => !seeds.includes(key)).slice(0, firstColumns);
    const filtered = sorted(rows.filter(row => fits(row, byId("filter").value)));
    const focused = document.activeElement?.dataset?.focus;
    byId("runs").tHead.replaceChildren(make("tr", {}, make("th", { scope: "col", textContent: "Show" }), heading("run", "Run"), heading("n", "n", "number"), heading("status", "Status"),
      ...shown.map(key => heading(key, key.replaceAll("_", " "))), heading("validation", "Validation", "number"), heading("test", "Test", "number")));
    byId("runs").tBodies[0].replaceChildren(...filtered.map(row => cells(row, shown, chosenOf(row), choose)));
    showColumns(available, shown);
    const runCount = rows.reduce((sum, row) => sum + row.runs.length, 0);
    byId("run-count").textContent = `${filtered.length === rows.length ? "" : `${filtered.length} of `}${rows.length} rows, ${runCount} runs.`;
    if (focused !== undefined) [...document.querySelectorAll("#view-runs [data-focus]")].find(element => element.dataset.focus === focused)?.focus();
  }

  byId("filter").addEventListener("input", () => onChange());
  byId("grouped").addEventListener("change", () => onChange());
  return { rowsOf, show, text, percent, set onChange(action) { onChange = action; } };
})();
