// axe-core in every frame of a page: what each breaks, in short.
'use strict';

const { source } = require('axe-core');

const violations = async (page) => {
  const found = [];
  for (const frame of page.frames()) {
    await frame.evaluate(source);
    const broken = await frame.evaluate(() => axe.run());
    found.push(...broken.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`));
  }
  return found;
};

module.exports = { violations };
