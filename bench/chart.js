'use strict';

const echarts = require('echarts');

const { BASE, ratioOf, rowsOf } = require('./figures');
const { nameOf } = require('./subjects');

/** The figures to draw, with their numbers of namespaces. */
const DRAWN = 'await 1,await 5,then 1,nextTick 1,setTimeout 1,get 1,set 1,unit 1,nested 10,bound 1,cpu 3,context 1'
  .split(',')
  .map((text) => text.split(' '));

const PANELS = ['async-hooks', 'async-context-frame'];
const COLORS = { context: '#0072b2', OpenTelemetry: '#e69f00', 'cls-hooked': '#999999' };

/** The ends of the scale. Longer bars are cut; their numbers are not. */
const [LEAST, MOST] = [1 / 8, 16];

const TITLE = { textStyle: { fontSize: 14 } };
const HEADING = { text: 'Ratio to AsyncLocalStorage, the less the better', left: 10, top: 8, ...TITLE };
const ROW = 42;
const PANEL = { top: 90, left: 130, width: 340, gap: 150 };

const geometricMean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** The mean ratio of a subject to AsyncLocalStorage over the releases of a panel; undefined if it wasn't measured. */
function ratioIn(runs, row, subject) {
  const values = runs.map((run) => ratioOf(run, row, subject, BASE)?.median).filter((value) => value > 0);
  return values.length > 0 ? geometricMean(values) : undefined;
}

function barOf(ratio) {
  if (ratio === undefined) return null;
  const value = Math.min(Math.max(ratio, LEAST), MOST);
  return { ratio, value, label: { position: ratio < 1 ? 'left' : 'right' } };
}

function panelOf(engine, runs, index) {
  const own = runs.filter((run) => run.engine === engine);
  const all = own.length > 0 ? rowsOf(own[0]) : [];
  const rows = DRAWN.flatMap(([figure, count]) => all.filter((row) => row.figure === figure && row.count === Number(count)));
  const left = PANEL.left + index * (PANEL.width + PANEL.gap);
  const releases = own.map(({ version }) => version.replace(/^v(\d+).*/, '$1')).join(' and ');
  return {
    title: { text: `Node.js ${releases || '–'}: ${engine}`, left, top: PANEL.top - 45, ...TITLE },
    grid: { left, top: PANEL.top, width: PANEL.width, height: DRAWN.length * ROW },
    xAxis: {
      gridIndex: index,
      type: 'log',
      // Bars start at 1, smaller ones to the left.
      ...{ startValue: 1, logBase: 2, min: LEAST, max: MOST, position: 'top' },
      axisLabel: { formatter: (value) => (value < 1 ? `1/${1 / value}` : `${value}×`) },
    },
    yAxis: {
      gridIndex: index,
      ...{ type: 'category', inverse: true },
      data: rows.map(({ label }) => label.replace(/, .*/, '')),
      axisTick: { show: false },
      axisLabel: { margin: 36 },
    },
    series: Object.entries(COLORS).map(([name, color]) => ({
      name,
      ...{ type: 'bar', xAxisIndex: index, yAxisIndex: index },
      itemStyle: { color },
      emphasis: { disabled: true },
      label: { show: true, fontSize: 10, formatter: ({ data }) => data.ratio.toPrecision(2) },
      data: rows.map((row) => barOf(ratioIn(own, row, name === 'context' ? nameOf(engine) : name))),
    })),
  };
}

/** Draws the ratios to AsyncLocalStorage as SVG, with a panel per engine. */
function chart({ runs }) {
  const panels = PANELS.map((engine, i) => panelOf(engine, runs, i));
  const width = PANELS.length * (PANEL.width + PANEL.gap) + PANEL.left - PANEL.gap + 40;
  const height = PANEL.top + DRAWN.length * ROW + 20;
  const drawing = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  drawing.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'sans-serif' },
    legend: { top: 8, right: 40, itemGap: 40, data: Object.keys(COLORS) },
    ...Object.fromEntries(['grid', 'xAxis', 'yAxis', 'series'].map((part) => [part, panels.flatMap((panel) => panel[part])])),
    title: [HEADING, ...panels.map(({ title }) => title)],
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  // Classes and styles are only for the mouse, and their numbers depend on earlier drawings of the process.
  return `${svg.replace(/ class="[^"]*"/g, '').replace(/<style[^]*<\/style>\n/, '')}\n`;
}

module.exports = { chart };
