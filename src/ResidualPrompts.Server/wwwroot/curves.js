"use strict";

// The mean curve of several runs at the steps that all of them have, with the sample standard deviation as a band.
// runs: [{ steps, values }]; values may be null.
function meanCurve(runs) {
  if (runs.length === 1) {
    const present = runs[0].values.map((value, i) => [runs[0].steps[i], value]).filter(([, value]) => value !== null && value !== undefined);
    return { steps: present.map(([step]) => step), values: present.map(([, value]) => value) };
  }
  const bySteps = new Map();
  for (const run of runs) {
    run.steps.forEach((step, i) => {
      const value = run.values[i];
      if (value === null || value === undefined) return;
      if (!bySteps.has(step)) bySteps.set(step, []);
      bySteps.get(step).push(value);
    });
  }
  const common = [...bySteps].filter(([, values]) => values.length === runs.length).sort(([a], [b]) => a - b);
  const means = common.map(([, values]) => mean(values));
  const deviations = common.map(([, values]) => deviation(values));
  return {
    steps: common.map(([step]) => step), values: means,
    low: means.map((value, i) => value - deviations[i]), high: means.map((value, i) => value + deviations[i]),
  };
}

const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length;

// The sample standard deviation; 0 of a single value.
function deviation(values) {
  if (values.length < 2) return 0;
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
}
