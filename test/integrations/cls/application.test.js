'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { runNode } = require('../../support/child');

const program = fs.readFileSync(path.join(__dirname, 'application.js'), 'utf8');

async function run(text) {
  const { code, stdout, stderr } = await runNode(text);
  assert.strictEqual(code, 0, stderr);
  return stdout;
}

describe('an application that uses cls-hooked', () => {
  it('does the same with context/cls in its require line', async () => {
    const changed = program.replace("require('cls-hooked')", "require('context/cls')");
    assert.notStrictEqual(changed, program);
    // `node -e` has no name of a file.
    const filename = `const __filename = ${JSON.stringify(path.join(__dirname, 'application.js'))};\n`;
    const withHooked = await run(program.replace("'use strict';\n", `'use strict';\n${filename}`));
    assert.strictEqual(await run(changed.replace("'use strict';\n", `'use strict';\n${filename}`)), withHooked);

    const [answers, ...lines] = withHooked.trim().split('\n');
    assert.strictEqual(answers, 'one,two,three,four,five,six');
    assert.strictEqual(lines.pop(), 'null');
    assert.strictEqual(lines.length, 6 * 5);
    assert.ok(lines.includes('three: answered 404'));
    assert.ok(lines.includes('six inside: nested'));
  });
});
