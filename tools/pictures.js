'use strict';

/**
 * Draws the pictures of the docs. `node tools/pictures.js blocked`: docs/blocked.svg, the output of examples/blocked.js with the time
 * of each line. `node tools/pictures.js profiler`: docs/profiler.svg, the flame graph of examples/noisy-neighbour.js with the tenants
 * at its root.
 */

require('./prepare');

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { createInterface } = require('node:readline');

const { start } = require('context/profiler');

const { choice, readOptions } = require('./support/options');
const { root } = require('./support/run');

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Writes a picture into the docs. */
function write(name, { width, height, title, fill, radius = 0, font }, parts) {
  const size = `width="${width}" height="${height}"`;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${width} ${height}" role="img">`;
  const background = `<rect ${size} rx="${radius}" fill="${fill}"/>`;
  const svg = [head, `<title>${title}</title>`, background, `<g ${font}>`, ...parts, '</g>', '</svg>', ''];
  fs.writeFileSync(path.join(root, 'docs', `${name}.svg`), svg.join('\n'));
}

/** The terminal: characters per line, and sizes in pixels. */
const TERMINAL = { columns: 96, line: 18, width: 860 };

async function drawBlocked() {
  const began = Date.now();
  const rows = [];
  const child = spawn(process.execPath, [path.join(root, 'examples', 'blocked.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    // The picture must not depend on the checkout's location.
    const shown = line.replaceAll(`${root}${path.sep}`, '');
    const time = `${((Date.now() - began) / 1000).toFixed(1)} s`;
    for (let at = 0; at < shown.length; at += TERMINAL.columns) {
      rows.push({ part: shown.slice(at, at + TERMINAL.columns), time: at === 0 ? time : '' });
    }
  }
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  if (code !== 0) throw new Error(`examples/blocked.js ended with ${code}`);
  const parts = rows.map(({ part, time }, index) => {
    const y = (index + 2) * TERMINAL.line - 4;
    const label = time && `<text x="58" y="${y}" fill="#8b949e" text-anchor="end">${time}</text>`;
    return `${label}<text x="70" y="${y}" xml:space="preserve">${escape(part)}</text>`;
  });
  const height = (rows.length + 2) * TERMINAL.line;
  const font = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12.5" fill="#e6edf3"';
  const title = 'What examples/blocked.js prints, and when';
  write('blocked', { width: TERMINAL.width, height, title, fill: '#0d1117', radius: 6, font }, parts);
}

/** The flame graph: sizes in pixels. Calls with a smaller share than `least`, or below `deepest`, are omitted. */
const FLAME = { width: 900, margin: 10, row: 19, top: 34, character: 6.7, least: 0.005, deepest: 16 };
const COLORS = { tenant: '#d1495b', own: '#66a182', node: '#c9d1d9' };

/** Converts a profile to a tree in which each node's weight includes its children. Omits idle time. */
function weigh({ nodes }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const make = ({ callFrame: { functionName, url }, hitCount, children }) => {
    const below = children.map((id) => make(byId.get(id))).filter(({ name }) => name !== '(idle)');
    const weight = below.reduce((sum, child) => sum + child.weight, hitCount);
    const kind = /^(tenant): /.exec(functionName)?.[1] ?? (url.startsWith('node:') || url === '' ? 'node' : 'own');
    return { name: functionName || '(anonymous)', weight, kind, children: below.sort((a, b) => b.weight - a.weight) };
  };
  return make(nodes[0]);
}

/** Draws a node and its children. Returns the depth of the deepest one. */
function drawNode(node, { x, width, depth, total, parts }) {
  const y = FLAME.top + depth * FLAME.row;
  const share = ((node.weight / total) * 100).toFixed(1);
  const room = Math.floor((width - 6) / FLAME.character);
  const hasShare = node.kind === 'tenant' && room > node.name.length + 7;
  const label = hasShare ? `${node.name} ${share} %` : node.name.replace(/^tenant: /, '');
  const text = label.length <= room ? label : room > 3 ? `${label.slice(0, room - 1)}…` : '';
  const box = `x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.5, width - 1).toFixed(1)}" height="${FLAME.row - 1}"`;
  parts.push(`<g><title>${escape(node.name)}: ${share} %</title><rect ${box} rx="2" fill="${COLORS[node.kind]}"/>`);
  if (text) parts.push(`<text x="${(x + 4).toFixed(1)}" y="${y + 13}">${escape(text)}</text>`);
  parts.push('</g>');
  let deepest = depth;
  let at = x;
  for (const child of node.children) {
    const place = { x: at, width: (width * child.weight) / node.weight, depth: depth + 1, total, parts };
    if (child.weight >= FLAME.least * total && depth < FLAME.deepest) deepest = Math.max(deepest, drawNode(child, place));
    at += place.width;
  }
  return deepest;
}

async function drawProfile() {
  const profiling = await start({ keys: ['tenant'], interval: 0.5 });
  require('../examples/noisy-neighbour');
  // The example ends by itself.
  await once(process, 'beforeExit');
  const profile = await profiling.stop();
  console.table(profile.by('tenant'));
  const { width, margin, top, row } = FLAME;
  const title = 'examples/noisy-neighbour.js, a server with four tenants: who uses its CPU';
  const parts = [`<text x="${margin}" y="21" font-size="13">${title}</text>`];
  const tree = weigh(profile.toCpuProfile({ labelsAtRoot: true }));
  const deepest = drawNode(tree, { x: margin, width: width - 2 * margin, depth: 0, total: tree.weight, parts });
  const font = 'font-family="ui-monospace, monospace" font-size="11" fill="#1f2328"';
  write('profiler', { width, height: top + (deepest + 1) * row + margin, title, fill: '#ffffff', font }, parts);
}

const { word } = readOptions({}, { word: choice('blocked', ['blocked', 'profiler']) });
if (word === 'blocked') drawBlocked();
else drawProfile();
