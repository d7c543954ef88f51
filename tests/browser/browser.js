// A browser that reaches nothing but the simulator, which answers for Iamport's hosts.
'use strict';

const assert = require('node:assert/strict');
const { chromium, devices } = require('playwright-core');

const { IAMPORT_URL } = process.env;
const IAMPORT = ['cdn.iamport.kr', 'service.iamport.kr'];

const DEVICES = { desktop: {}, phone: devices['Pixel 7'] };

const launch = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

// A shop's page, with scripts as its author wrote them; `done` says what nobody should have to see.
const open = async (browser, device, html, at = 'https://shop.example/') => {
  const context = await browser.newContext(DEVICES[device]);
  const trouble = [];
  await context.route('**/*', async (route) => {
    const request = route.request();
    const url = new URL(request.url());
    if (IAMPORT.includes(url.hostname)) {
      const body = request.postData() ?? undefined;
      const answer = await fetch(IAMPORT_URL + url.pathname + url.search, { method: request.method(), body });
      const headers = { 'content-type': answer.headers.get('content-type') };
      await route.fulfill({ status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) });
    } else if (url.origin === new URL(at).origin) {
      await route.fulfill({ contentType: 'text/html; charset=utf-8', body: html });
    } else {
      trouble.push(`asked for ${url}`);
      await route.abort();
    }
  });
  const page = await context.newPage();
  page.on('console', (message) => trouble.push(message.text()));
  page.on('pageerror', (error) => trouble.push(error.message));
  await page.goto(at);
  const done = async () => {
    await context.close();
    assert.deepEqual(trouble, []);
  };
  return { page, done };
};

// The payment window in the page.
const frame = (page) => page.frameLocator('iframe.imp-frame');

const control = async (method, path, body) => {
  const answer = await fetch(`${IAMPORT_URL}/control/${path}`, { method, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
};

module.exports = { DEVICES, control, frame, launch, open };
