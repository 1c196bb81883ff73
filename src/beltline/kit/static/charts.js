// Draws the charts that the server specified (kit/web/charts.py): history solid, forecast dashed
// in its band, a now line, bars from zero. SVG, text tooltips, so a strict policy stays strict.
// The picture is hidden from assistive technology: the finding and the table stand beside it.

const ECHARTS = new URL("vendor/echarts.esm.min.js", import.meta.url);
const drawn = new Map();
let library;

export async function drawCharts(root) {
  const figures = [...root.querySelectorAll("[data-chart]:not([data-ready])")];
  if (!figures.length) return;
  for (const figure of figures) figure.dataset.ready = "";
  library ??= import(ECHARTS);
  const echarts = await library;
  for (const figure of figures) draw(echarts, figure);
}

document.addEventListener("bl:theme", () => {
  for (const [figure, chart] of drawn) {
    if (figure.isConnected) {
      chart.setOption(optionOf(figure), true);
    } else {
      chart.dispose();
      drawn.delete(figure);
    }
  }
});

function draw(echarts, figure) {
  const canvas = figure.querySelector("[data-canvas]");
  const chart = echarts.init(canvas, null, { renderer: "svg" });
  chart.setOption(optionOf(figure));
  drawn.set(figure, chart);
  new ResizeObserver(() => chart.resize()).observe(canvas);
}

function optionOf(figure) {
  const spec = JSON.parse(figure.querySelector("script").textContent);
  const builders = { forecast, bars, lines, intervals, points };
  const colors = palette();
  return { ...common(colors), ...builders[spec.kind](spec, colors) };
}

/** The tokens of the style sheet as colors. */
function palette() {
  const style = getComputedStyle(document.documentElement);
  const token = (name) => style.getPropertyValue(name).trim();
  return {
    ink: token("--c-ink"), accent: token("--c-fc"), band: token("--c-band"), grid: token("--c-grid"),
    axis: token("--c-axis"), context: token("--c-ctx"), alt: token("--c-alt"), ok: token("--d-ok"),
    warn: token("--d-warn"), crit: token("--d-crit"), text: token("--tblr-body-color"),
    surface: token("--tblr-bg-surface"), line: token("--tblr-border-color"), sunken: token("--s-mute-bg"),
    font: token("--tblr-font-sans-serif"),
  };
}

function common(c) {
  return {
    animation: false,
    aria: { enabled: false },
    textStyle: { fontFamily: c.font, fontSize: 11, color: c.axis },
    grid: { left: 4, right: 12, top: 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: c.surface,
      borderColor: c.line,
      borderWidth: 1,
      padding: [6, 10],
      textStyle: { color: c.text, fontFamily: c.font, fontSize: 12 },
      axisPointer: { lineStyle: { color: c.alt, type: "dotted" } },
    },
  };
}

const shown = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

function figureText(value) {
  return value === null || value === undefined ? "–" : shown.format(value).replace("-", "\u2212");
}

function axis(c, extra) {
  return {
    axisLine: { lineStyle: { color: c.alt } },
    axisTick: { show: false },
    axisLabel: { color: c.axis, fontSize: 11, hideOverlap: true },
    splitLine: { show: false },
    ...extra,
  };
}

function valueAxis(c, extra) {
  return axis(c, {
    type: "value",
    axisLine: { show: false },
    splitLine: { show: true, lineStyle: { color: c.grid } },
    axisLabel: { color: c.axis, fontSize: 11, formatter: figureText, hideOverlap: true },
    splitNumber: 4,
    ...extra,
  });
}

function verticalMark(c, at, label, solid) {
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: solid ? c.accent : c.alt, type: solid ? "solid" : "dashed", width: 1 },
    label: { formatter: label, color: solid ? c.accent : c.axis, fontSize: 11, fontFamily: c.font, position: "end" },
    data: [{ xAxis: at }],
  };
}

function forecast(spec, c) {
  const sold = spec.history.map(([day, units]) => [day, units]);
  const joint = sold.findLast(([, units]) => units !== null);
  const from = joint ? [joint] : [];
  const low = [...from, ...spec.forecast.map(([day, p10]) => [day, p10])];
  const range = [...from.map(([day]) => [day, 0]), ...spec.forecast.map(([day, p10, , p90]) => [day, p90 - p10])];
  const middle = [...from, ...spec.forecast.map(([day, , p50]) => [day, p50])];
  const area = { type: "line", stack: "band", symbol: "none", lineStyle: { opacity: 0 }, silent: true, emphasis: { disabled: true } };
  const bounds = new Map(spec.forecast.map(([day, p10, , p90]) => [day, `${figureText(p10)}–${figureText(p90)}`]));
  return {
    tooltip: {
      ...common(c).tooltip,
      formatter: (points) => forecastTip(spec, points, bounds),
    },
    xAxis: axis(c, {
      type: "time",
      axisLabel: { color: c.axis, fontSize: 11, hideOverlap: true, formatter: "{MM}-{dd}" },
    }),
    yAxis: valueAxis(c, { min: 0, name: spec.unit, nameTextStyle: { color: c.axis, align: "left", fontSize: 11 } }),
    grid: { ...common(c).grid, top: 28 },
    series: [
      { ...area, name: "low", data: low },
      { ...area, name: "range", data: range, areaStyle: { color: c.band, opacity: 1 } },
      {
        type: "line", name: spec.history_label, data: sold, symbol: "none", z: 4, emphasis: { disabled: true },
        lineStyle: { color: c.ink, width: 1.5 },
        markLine: verticalMark(c, spec.now, spec.now_label, true),
        markArea: stockOuts(spec, c),
      },
      {
        type: "line", name: spec.forecast_label, data: middle, symbol: "none", z: 4, emphasis: { disabled: true },
        lineStyle: { color: c.accent, width: 1.75, type: [4, 3] },
      },
    ],
  };
}

function stockOuts(spec, c) {
  if (!spec.stock_outs.length) return undefined;
  const label = { show: true, position: "insideTop", color: c.axis, fontSize: 11, fontFamily: c.font };
  return {
    silent: true,
    itemStyle: { color: c.sunken },
    label,
    data: spec.stock_outs.map(([first, last]) => [{ name: spec.stock_out_label, xAxis: first }, { xAxis: last }]),
  };
}

function forecastTip(spec, points, bounds) {
  const day = new Date(points[0].value[0]).toISOString().slice(0, 10);
  const lines = [day];
  const sold = points.find((point) => point.seriesName === spec.history_label);
  const ahead = points.find((point) => point.seriesName === spec.forecast_label);
  if (sold) lines.push(`${spec.history_label}: ${figureText(sold.value[1])}`);
  if (ahead && bounds.has(day)) {
    lines.push(`${spec.forecast_label}: ${figureText(ahead.value[1])}`, `${spec.band_label}: ${bounds.get(day)}`);
  }
  return lines.join("\n");
}

function bars(spec, c) {
  const rows = [...spec.bars].reverse();
  const colors = { accent: c.accent, ink: c.ink, context: c.context, ok: c.ok, warn: c.warn, crit: c.crit };
  return {
    tooltip: { show: false },
    grid: { ...common(c).grid, right: 64 },
    xAxis: valueAxis(c, { min: 0 }),
    yAxis: axis(c, {
      type: "category",
      data: rows.map(([name]) => name),
      axisLine: { show: false },
      axisLabel: { color: c.text, fontSize: 12 },
    }),
    series: [{
      type: "bar",
      barMaxWidth: 18,
      silent: true,
      label: {
        show: true, position: "right", color: c.text, fontWeight: 600, fontSize: 11, fontFamily: c.font,
        formatter: ({ dataIndex }) => rows[dataIndex][2],
      },
      data: rows.map(([, value, , tone]) => ({ value, itemStyle: { color: colors[tone] ?? c.context, borderRadius: 2 } })),
      markLine: spec.reference ? verticalMark(c, ...spec.reference, false) : undefined,
    }],
  };
}

function lines(spec, c) {
  const xs = [...new Set(spec.lines.flatMap((line) => line.points.map(([at]) => at)))].sort((a, b) => a - b);
  const x = spec.is_x_percent ? (value) => `${figureText(value * 100)}%` : figureText;
  return {
    tooltip: {
      ...common(c).tooltip,
      formatter: (points) => [
        `${spec.x_label}: ${x(points[0].value[0])}`,
        ...points.map((point) => `${point.seriesName}: ${figureText(point.value[1])}`),
      ].join("\n"),
    },
    grid: { ...common(c).grid, top: 28, right: 72 },
    xAxis: valueAxis(c, {
      min: "dataMin",
      max: "dataMax",
      splitLine: { show: false },
      axisLine: { show: true, lineStyle: { color: c.alt } },
      axisLabel: { color: c.axis, fontSize: 11, hideOverlap: true, formatter: x, customValues: few(xs) },
    }),
    yAxis: valueAxis(c, { scale: true, name: spec.y_label, nameTextStyle: { color: c.axis, align: "left", fontSize: 11 } }),
    series: spec.lines.map((line, index) => ({
      type: "line",
      name: line.name,
      data: line.points,
      symbol: "circle",
      symbolSize: line.is_accent ? 6 : 0,
      itemStyle: { color: line.is_accent ? c.accent : c.alt },
      lineStyle: { color: line.is_accent ? c.accent : c.alt, width: line.is_accent ? 1.75 : 1.25, type: line.is_dashed ? [4, 3] : "solid" },
      endLabel: { show: true, formatter: line.name, color: line.is_accent ? c.accent : c.axis, fontSize: 11, fontFamily: c.font },
      markLine: index === 0 && spec.mark ? verticalMark(c, ...spec.mark, false) : undefined,
      markArea: index === 0 && spec.band ? goodRange(spec.band, c) : undefined,
    })),
  };
}

/** At most eight of the values, evenly: labels stand where points are. */
function few(values) {
  const step = Math.ceil(values.length / 8);
  return values.filter((_, index) => index % step === 0);
}

function goodRange([low, high, label], c) {
  return {
    silent: true,
    itemStyle: { color: c.band, opacity: 0.5 },
    label: { show: true, position: "insideBottomLeft", color: c.axis, fontSize: 11, fontFamily: c.font },
    data: [[{ name: label, yAxis: low }, { yAxis: high }]],
  };
}

function intervals(spec, c) {
  const rows = [...spec.intervals].reverse();
  return {
    tooltip: { show: false },
    grid: { ...common(c).grid, right: 64 },
    // The target is in view, however far the estimates are from it.
    xAxis: valueAxis(c, {
      scale: true,
      min: ({ min }) => Math.floor(Math.min(min, spec.target?.[0] ?? min)),
      max: ({ max }) => Math.ceil(Math.max(max, spec.target?.[0] ?? max)),
    }),
    yAxis: axis(c, {
      type: "category",
      data: rows.map(([name]) => name),
      axisLine: { show: false },
      axisLabel: { color: c.text, fontSize: 12 },
    }),
    series: [
      {
        type: "custom",
        silent: true,
        encode: { x: [1, 2], y: 0 },
        data: rows.map(([, low, , high], index) => [index, low, high]),
        renderItem: (params, api) => whisker(api, c),
        markLine: spec.target ? verticalMark(c, ...spec.target, false) : undefined,
      },
      {
        type: "scatter",
        silent: true,
        symbolSize: 8,
        itemStyle: { color: c.accent },
        data: rows.map(([, , estimate], index) => [estimate, index]),
        label: {
          show: true, position: "top", color: c.text, fontSize: 11, fontFamily: c.font,
          formatter: ({ dataIndex }) => rows[dataIndex][4],
        },
      },
    ],
  };
}

function whisker(api, c) {
  const row = api.value(0);
  const [left, y] = api.coord([api.value(1), row]);
  const [right] = api.coord([api.value(2), row]);
  const style = { stroke: c.ink, lineWidth: 1.5 };
  const stroke = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style });
  return {
    type: "group",
    children: [stroke(left, y, right, y), stroke(left, y - 4, left, y + 4), stroke(right, y - 4, right, y + 4)],
  };
}

/** Places by longitude and latitude, without borders; the whole of the data is in view. */
function points(spec, c) {
  const colors = { accent: c.accent, context: c.context, ok: c.ok, warn: c.warn, crit: c.crit };
  const places = [...spec.points.map(([, east, north]) => [east, north]), ...spec.rest];
  const span = (at) => {
    const values = places.map((place) => place[at]);
    return { min: Math.floor(Math.min(...values)) - 1, max: Math.ceil(Math.max(...values)) + 1 };
  };
  const hidden = { type: "value", show: false };
  return {
    grid: { left: 4, right: 4, top: 4, bottom: 4 },
    tooltip: {
      ...common(c).tooltip,
      trigger: "item",
      formatter: ({ dataIndex }) => `${spec.points[dataIndex][0]}\n${spec.points[dataIndex][5]}`,
    },
    xAxis: { ...hidden, ...span(0) },
    yAxis: { ...hidden, ...span(1) },
    series: [
      { type: "scatter", silent: true, symbolSize: 3, itemStyle: { color: c.context }, data: spec.rest },
      {
        type: "scatter",
        data: spec.points.map(([, east, north, size, tone]) => ({
          value: [east, north],
          symbolSize: 2 * size,
          itemStyle: { color: colors[tone] ?? c.accent, opacity: 0.75, borderColor: c.surface, borderWidth: 1 },
        })),
      },
    ],
  };
}
