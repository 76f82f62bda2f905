'use strict';

/**
 * Draws the flame graph of a profile of examples/noisy-neighbour.js, with the tenants at its root: `node scripts/profiler/picture.js`
 * writes docs/profiler.svg. What takes less than half a percent is left out.
 */

const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');

const { start } = require('context/profiler');

const root = path.join(__dirname, '..', '..');
const WIDTH = 900;
const MARGIN = 10;
const ROW = 19;
const TOP = 34;
const CHARACTER = 6.7;
const LEAST = 0.005;
const DEEPEST = 16;

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Of each node, how many samples it and all below it have. The loop's waiting is left out. */
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

const COLORS = { tenant: '#d1495b', own: '#66a182', node: '#c9d1d9' };

function draw(node, x, width, depth, parts) {
  const y = TOP + depth * ROW;
  const share = ((node.weight / draw.total) * 100).toFixed(1);
  const room = Math.floor((width - 6) / CHARACTER);
  const label =
    node.kind === 'tenant' && room > node.name.length + 7 ? `${node.name} ${share} %` : node.name.replace(/^tenant: /, '');
  const text = label.length <= room ? label : room > 3 ? `${label.slice(0, room - 1)}…` : '';
  const box = `x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.5, width - 1).toFixed(1)}" height="${ROW - 1}"`;
  parts.push(`<g><title>${escape(node.name)}: ${share} %</title><rect ${box} rx="2" fill="${COLORS[node.kind]}"/>`);
  if (text) parts.push(`<text x="${(x + 4).toFixed(1)}" y="${y + 13}">${escape(text)}</text>`);
  parts.push('</g>');
  let deepest = depth;
  let at = x;
  for (const child of node.children) {
    const childWidth = (width * child.weight) / node.weight;
    if (child.weight >= LEAST * draw.total && depth < DEEPEST) {
      deepest = Math.max(deepest, draw(child, at, childWidth, depth + 1, parts));
    }
    at += childWidth;
  }
  return deepest;
}

function drawProfile(profile) {
  const tree = weigh(profile.toCpuProfile({ labelsAtRoot: true }));
  draw.total = tree.weight;
  const parts = [];
  const deepest = draw(tree, MARGIN, WIDTH - 2 * MARGIN, 0, parts);
  const height = TOP + (deepest + 1) * ROW + MARGIN;
  const title = 'examples/noisy-neighbour.js, a server with four tenants: who takes its CPU';
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${title}</title><rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<g font-family="ui-monospace, monospace" font-size="11" fill="#1f2328"><text x="${MARGIN}" y="21" font-size="13">${title}</text>`,
    ...parts,
    '</g></svg>',
  ];
  fs.writeFileSync(path.join(root, 'docs', 'profiler.svg'), `${svg.join('\n')}\n`);
}

async function main() {
  const profiling = await start({ labels: ['tenant'], interval: 0.5 });
  require('../../examples/noisy-neighbour');
  // The example ends by itself.
  await once(process, 'beforeExit');
  const profile = await profiling.stop();
  console.table(profile.by('tenant'));
  drawProfile(profile);
}

main();
