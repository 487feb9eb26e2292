"use strict";

// One line per row of the table over its steps, redrawn at most once per frame. A series with low and high values has a band.
class Chart {
  constructor(element, label, format) {
    Object.assign(this, { element, label, format, series: [], plot: null, wanted: false });
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(element);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.rebuild());
  }

  // series: [{ name, color, steps, values, low?, high? }]
  show(series) {
    const same = this.plot && series.length === this.series.length && series.every((one, i) => one.name === this.series[i].name && one.color === this.series[i].color && !one.low === !this.series[i].low);
    this.series = series;
    if (!same) {
      this.rebuild();
    } else if (!this.wanted) {
      this.wanted = true;
      requestAnimationFrame(() => {
        this.wanted = false;
        this.plot?.setData(this.data());
      });
    }
  }

  rebuild() {
    this.plot?.destroy();
    this.plot = null;
    if (this.series.length === 0) return;
    const style = getComputedStyle(document.documentElement);
    const axis = { stroke: style.getPropertyValue("--text"), grid: { stroke: style.getPropertyValue("--line"), width: 1 }, ticks: { stroke: style.getPropertyValue("--line") } };
    const options = {
      ...this.size(),
      scales: { x: { time: false } },
      axes: [{ ...axis, values: (_, steps) => steps.map(step => Number.isInteger(step) ? step : "") }, { ...axis, size: 68, values: (_, values) => values.map(this.format) }],
      series: [{ label: "Step" }, ...this.series.flatMap(one => [
        { label: one.name, stroke: one.color, width: 2, spanGaps: true, points: { show: one.values.length < 60 }, value: (_, value) => value == null ? "" : this.format(value) },
        ...(one.low ? [edge(), edge()] : []),
      ])],
      bands: this.bands(),
    };
    this.plot = new uPlot(options, this.data(), this.element);
  }

  size() {
    return { width: Math.max(this.element.clientWidth, 200), height: 240 };
  }

  // The columns of the plot after the steps: the values of each series, then its band's upper and lower edge.
  bands() {
    const bands = [];
    let column = 1;
    for (const one of this.series) {
      if (one.low) bands.push({ series: [column + 1, column + 2], fill: `color-mix(in srgb, ${one.color} 20%, transparent)` });
      column += one.low ? 3 : 1;
    }
    return bands;
  }

  data() {
    const tables = this.series.map(one => one.low ? [one.steps, one.values, one.high, one.low] : [one.steps, one.values]);
    return tables.length === 1 ? tables[0] : uPlot.join(tables);
  }
}

// An edge of a band: drawn as the band's border only, and not in the legend.
const edge = () => ({ class: "band", stroke: "transparent", width: 0, spanGaps: true, points: { show: false } });

// Mean over the last steps, because the loss of single batches is noisy. Steps before the first full window have no value.
function smooth(values, width) {
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= width ? values[i - width] : 0);
    return i + 1 < width ? null : sum / width;
  });
}

// The longest window, or a quarter of the shortest series, so that short runs have a curve too.
function smoothingWindow(series, longest) {
  return Math.max(1, Math.min(longest, ...series.map(values => Math.floor(values.length / 4))));
}
