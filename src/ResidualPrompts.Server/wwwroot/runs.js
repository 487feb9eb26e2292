"use strict";

const runs = (() => {
  const palette = ["#3b82e0", "#e0742a", "#2fa36b", "#b65fd0", "#d0a11f", "#e0526e", "#25a5b5", "#8b8f98"];
  const colors = [...palette, ...Array.from({ length: 16 }, (_, i) => `hsl(${Math.round((i * 137.5) % 360)} 55% 50%)`)];
  const mostRuns = 64; // what the server streams at once
  const longestSmoothing = 10;
  const chosen = new Map(); // row id -> { color, names }
  const curves = new Map(); // run name -> { steps, losses, evaluations: [{ step, name, value }] }
  let list = [];
  let rows = [];
  let stream = null;
  let timer = null;
  let charts = null;

  const chosenRows = () => rows.filter(row => chosen.has(row.id));
  const runCount = () => chosenRows().reduce((sum, row) => sum + row.runs.length, 0);

  // A row keeps the color it had; a new one gets the first that nobody has.
  function give(row, had) {
    const used = new Set([...chosen.values()].map(one => one.color));
    const color = had && !used.has(had) ? had : colors.find(one => !used.has(one));
    if (color) chosen.set(row.id, { color });
  }

  function choose(row, on) {
    const fits = chosen.size < colors.length && runCount() + row.runs.length <= mostRuns;
    const limit = byId("run-limit");
    limit.hidden = !on || fits;
    limit.textContent = `${row.name} is not shown: at most ${colors.length} curves of ${mostRuns} runs are drawn at once. Deselect another one first.`;
    if (on && fits) give(row);
    else chosen.delete(row.id);
    restart();
  }

  // Shows one run alone: the target of a link.
  function showOnly(name) {
    byId("grouped").checked = false;
    rows = runTable.rowsOf(list, false);
    const row = rows.find(one => one.runs.some(run => run.name === name));
    if (!row) throw new Error(`This server has no run '${name}'.`);
    chosen.clear();
    choose(row, true);
  }

  function take(message) {
    const one = curves.get(message.run);
    if (!one) return;
    if (message.restarted) Object.assign(one, emptyCurve());
    for (const line of message.lines) {
      let event;
      try {
        event = JSON.parse(line);
      } catch {
        continue;
      }
      if (event.event === "step") {
        one.steps.push(event.step);
        one.losses.push(event.loss);
      } else if (event.event === "evaluation" && event.split === "validation") {
        const [name, value] = Object.entries(event.metrics)[0] ?? [];
        one.evaluations.push({ step: event.step, name, value });
      }
    }
    draw();
  }

  const emptyCurve = () => ({ steps: [], losses: [], evaluations: [] });

  // One stream for all shown runs, because browsers limit connections per server.
  async function restart() {
    stream?.abort();
    stream = new AbortController();
    const signal = stream.signal;
    curves.clear();
    for (const run of chosenRows().flatMap(row => row.runs)) curves.set(run.name, emptyCurve());
    showAll();
    if (curves.size === 0) return;
    const query = [...curves.keys()].map(name => `run=${encodeURIComponent(name)}`).join("&");
    try {
      await api.follow(`v1/runs/events?${query}`, signal, take);
    } catch (error) {
      if (signal.aborted) return;
      page.showError(error);
    }
    if (!signal.aborted) setTimeout(() => signal.aborted || restart(), 3000);
  }

  function draw() {
    charts ??= { loss: new Chart(byId("loss"), "Loss", value => value.toPrecision(3)), metric: new Chart(byId("metric"), "Metric", runTable.percent) };
    const shown = chosenRows().map(row => ({ row, color: chosen.get(row.id).color, runs: row.runs.map(run => curves.get(run.name) ?? emptyCurve()) }));
    const smoothing = smoothingWindow(shown.flatMap(one => one.runs.map(run => run.losses)), longestSmoothing);
    charts.loss.show(shown.map(one => ({ name: one.row.name, color: one.color, ...meanCurve(one.runs.map(run => ({ steps: run.steps, values: smooth(run.losses, smoothing) }))) })));
    charts.metric.show(shown.map(one => ({ name: one.row.name, color: one.color, ...meanCurve(one.runs.map(run => ({ steps: run.evaluations.map(e => e.step), values: run.evaluations.map(e => e.value) }))) })));
    const metric = shown.flatMap(one => one.runs).flatMap(run => run.evaluations)[0]?.name;
    byId("metric-title").textContent = metric ? `Validation ${metric.replaceAll("_", " ")}` : "Validation";
    byId("loss-hint").textContent = shown.length === 0 ? "Choose a run in the list." : smoothing === 1 ? "Training loss." : `Training loss, mean over ${smoothing} steps.`;
    byId("band-hint").hidden = !shown.some(one => one.runs.length > 1);
    byId("metric-text").textContent = shown.flatMap(one => one.row.runs.map((run, i) => [run.name, one.runs[i]]))
      .map(([name, run]) => `${name}: ${run.steps.length} steps, last loss ${run.losses.at(-1)?.toFixed(3) ?? "none"}, ${metric ?? "metric"} ${runTable.percent(run.evaluations.at(-1)?.value) || "none"}`).join("; ");
  }

  function showAll() {
    runTable.show(rows, row => chosen.get(row.id), choose);
    showSettings();
    draw();
  }

  function showSettings() {
    const shown = chosenRows().filter(row => Object.keys(row.settings).length > 0);
    const keys = shown.length ? Object.keys(shown[0].settings) : [];
    const text = runTable.text;
    const differs = key => shown.some(row => text(row.settings[key]) !== text(shown[0].settings[key]));
    const only = byId("differences").checked;
    const head = make("thead", {}, make("tr", {}, make("th", { scope: "col", textContent: "Setting" }), ...shown.map(row => make("th", { scope: "col", textContent: row.name }))));
    const body = keys.filter(key => !only || (differs(key) && !key.startsWith("save_"))).map(key => make("tr", { className: shown.length > 1 && differs(key) ? "differs" : "" },
      make("th", { scope: "row", textContent: key.replaceAll("_", " ") }), ...shown.map(row => make("td", { className: "text", textContent: text(row.settings[key]) }))));
    byId("settings").replaceChildren(head, make("tbody", {}, ...body));
  }

  // Rows of the list as it is now; what was chosen stays chosen as long as its row exists.
  function regroup() {
    const before = new Set(chosenRows().flatMap(row => row.runs.map(run => run.name)));
    rows = runTable.rowsOf(list, byId("grouped").checked);
    const kept = rows.filter(row => chosen.has(row.id) || row.runs.every(run => before.has(run.name)));
    const old = new Map(chosen);
    chosen.clear();
    for (const row of kept) give(row, old.get(row.id)?.color);
    const after = chosenRows().flatMap(row => row.runs.map(run => run.name));
    if (after.length !== curves.size || after.some(name => !curves.has(name))) restart();
    else showAll();
  }

  async function refresh() {
    try {
      const answer = await api.get("v1/runs");
      const changed = JSON.stringify(answer.runs) !== JSON.stringify(list);
      list = answer.runs;
      byId("no-runs").hidden = list.length > 0;
      byId("no-runs").textContent = "The server's directory of runs is still empty.";
      byId("runs-content").hidden = list.length === 0;
      if (changed) regroup();
    } catch (error) {
      if (error.status !== 404) throw error;
      byId("no-runs").hidden = false;
      byId("no-runs").textContent = error.message;
    }
  }

  runTable.onChange = regroup;
  byId("differences").addEventListener("change", showSettings);
  return {
    // Opens the view, with one run alone if a name is given.
    open: async name => {
      await refresh();
      clearInterval(timer);
      timer = setInterval(() => refresh().catch(page.showError), 4000);
      if (name) showOnly(name);
      else if (chosen.size === 0 && rows.length > 0 && stream === null) choose(rows.find(row => row.status.includes("running")) ?? rows[0], true);
      else if (chosen.size > 0 && (!stream || stream.signal.aborted)) restart();
    },
    close: () => {
      clearInterval(timer);
      stream?.abort();
    },
  };
})();
