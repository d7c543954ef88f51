// The simulator's console, in a browser that reaches nothing else: whatever changes something, and that it is seen live.
'use strict';

const assert = require('node:assert/strict');
const { createServer } = require('node:http');
const { after, afterEach, before, beforeEach, test } = require('node:test');

const { violations } = require('./axe');
const { DEVICES, control, launch } = require('./browser');

const { IAMPORT_URL } = process.env;

let browser;
let shop;
let page;
let trouble;
const told = [];

before(async () => {
  browser = await launch();
  // A shop that takes every webhook.
  shop = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      told.push(JSON.parse(body));
      response.end('noted');
    });
  });
  await new Promise((listening) => shop.listen(0, '127.0.0.1', listening));
});
after(async () => {
  await browser.close();
  await new Promise((closed) => shop.close(closed));
  await control('DELETE', 'webhook');
});

const url = () => `http://127.0.0.1:${shop.address().port}/webhook`;

const visit = async (device = 'desktop', more = {}) => {
  const context = await browser.newContext({ ...DEVICES[device], ...more });
  page = await context.newPage();
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => trouble.push(message.text()));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== IAMPORT_URL && !request.url().startsWith('data:')) trouble.push(request.url());
  });
  await page.goto(`${IAMPORT_URL}/console`);
  // Drawn for the first time: from here on it is live.
  await page.waitForFunction(() => document.getElementById('now').textContent);
};

let orders = 0;
let order;
beforeEach(async () => {
  order = `console-${process.pid}-${(orders += 1)}`;
  trouble = [];
  told.length = 0;
  await control('PUT', 'webhook', { url: url(), automatic: true });
  await visit();
});
// The browser itself prints a line for each answer of 400 and more.
let refused = false;
afterEach(async () => {
  await page.context().close();
  assert.deepEqual(trouble.filter((line) => !refused || !line.includes('Failed to load resource')), []);
  refused = false;
  for (const path of ['faults', 'webhook']) await control('DELETE', path);
  await control('POST', 'webhooks/lose', { times: 0 });
});

const button = (name) => page.getByRole('button', { name, exact: true });
const said = (text) => page.locator('#said', { hasText: text }).waitFor();
const press = async (name) => {
  await button(name).click();
  await said(`됨: ${name}`);
};
const shows = (text) => page.locator('#facts', { hasText: text }).waitFor();
const logs = (name, text) => page.locator(`#${name} li`, { hasText: text }).first().waitFor();
const within = (form) => (name) => page.locator(`#${form} [name=${name}]`);

// A payment of this test's own, made at the gateway and chosen in the console.
const made = async (fields = {}) => {
  const { imp_uid } = await control('POST', 'payments', { merchant_uid: order, amount: 15000, ...fields });
  await page.locator(`#payments tr[data-imp="${imp_uid}"] button`).click();
  await shows(imp_uid);
  return imp_uid;
};
const payment = (imp_uid) => control('GET', `payments/${imp_uid}`);

test('a payment is seen as it is made, latest first, and by its order', async () => {
  const first = await made({ status: 'failed' });
  const second = await made();
  const rows = () => page.locator('#payments tr').evaluateAll((all) => all.map((row) => row.dataset.imp));
  assert.deepEqual((await rows()).slice(0, 2), [second, first]);
  await control('POST', 'payments', { merchant_uid: `${order}-other` });
  await page.locator('#payments', { hasText: `${order}-other` }).waitFor();
  await page.locator('#filter [name=merchant_uid]').fill(order);
  await button('이 주문의 시도만 보기').click();
  await page.waitForFunction(() => document.querySelectorAll('#payments tr').length === 2);
  assert.deepEqual(await rows(), [second, first]);
  await button('모두 보기').click();
  await page.locator('#payments', { hasText: `${order}-other` }).waitFor();
  await page.locator('#payments tr', { hasText: second }).getByText('15,000원').waitFor();
});

test('made by hand, digit for digit', async () => {
  await page.getByText('결제 직접 만들기').click();
  const field = within('make');
  await field('merchant_uid').fill(order);
  await field('amount').fill('12345678901234567890.10');
  await field('currency').selectOption('USD');
  await field('status').selectOption('ready');
  await press('결제 만들기');
  await shows('12,345,678,901,234,567,890.10 USD');
  const text = await (await fetch(`${IAMPORT_URL}/control/payments?merchant_uid=${order}`)).text();
  assert.match(text, /"amount":12345678901234567890\.10,/);
});

test('pay, deposit, fail', async () => {
  for (const [name, fields, status] of [
    ['결제 승인', { status: 'ready' }, 'paid'],
    ['입금', { status: 'ready', pay_method: 'vbank', merchant_uid: `${order}-vbank` }, 'paid'],
    ['실패 처리', { status: 'ready', $force: true }, 'failed'],
  ]) {
    const imp_uid = await made(fields);
    await press(name);
    await shows(`(${status})`);
    assert.equal((await payment(imp_uid)).status, status);
  }
});

test('cancel in part, then the rest', async () => {
  const imp_uid = await made();
  await within('part')('amount').fill('4000');
  await press('부분 취소');
  await shows('4,000원');
  await shows('부분 취소 (cancelled)');
  await logs('webhooks', `cancelled ${order}`);
  await press('전액 취소');
  assert.equal((await payment(imp_uid)).cancel_amount, 15000);
  assert.ok(await button('전액 취소').isDisabled(), 'nothing is left');
});

test('a cancellation that waits is finished; and what cannot be is said', async () => {
  const imp_uid = await made({ $cancel_later: true });
  refused = true;
  await button('미뤄진 취소 마치기').click();
  await said('안 됨:');
  const body = JSON.stringify({ imp_key: 'imp_key', imp_secret: 'imp_secret' });
  const headers = { 'content-type': 'application/json' };
  const token = await (await fetch(`${IAMPORT_URL}/users/getToken`, { method: 'POST', headers, body })).json();
  headers.authorization = token.response.access_token;
  await fetch(`${IAMPORT_URL}/payments/cancel`, { method: 'POST', headers, body: JSON.stringify({ imp_uid }) });
  await logs('calls', 'POST /payments/cancel → 200');
  await press('미뤄진 취소 마치기');
  assert.equal((await payment(imp_uid)).status, 'cancelled');
});

test('a webhook again: true, a lie, twice, all at once, late, lost', async () => {
  const imp_uid = await made();
  await logs('webhooks', imp_uid);
  const field = within('resend');
  for (const [status, delivery, times] of [
    ['', 'once', 1],
    ['ready', 'duplicated', 2],
    ['failed', 'at_once', 2],
    ['', 'delayed_ms', 1],
    ['', 'lost', 0],
  ]) {
    told.length = 0;
    await field('status').selectOption(status);
    await field('delivery').selectOption(delivery);
    await press('웹훅 다시 보내기');
    const expected = { imp_uid, merchant_uid: order, status: status || 'paid' };
    assert.deepEqual(told, Array(times).fill(expected));
    await said(times ? '200 noted' : '유실됨');
  }
  await logs('webhooks', '유실됨');
});

test('the next webhook is lost, the one after is not', async () => {
  await press('유실시키기');
  await page.locator('#to-lose', { hasText: '1' }).waitFor();
  const lost = await made();
  await page.locator('#webhooks li', { hasText: lost }).filter({ hasText: '유실됨' }).waitFor();
  await page.locator('#to-lose', { hasText: '0' }).waitFor();
  const sent = await made({ merchant_uid: `${order}-2` });
  await page.locator('#webhooks li', { hasText: sent }).filter({ hasText: '200 noted' }).waitFor();
  assert.deepEqual(told.map(({ imp_uid }) => imp_uid), [sent]);
});

test('where webhooks go: set, tested, removed', async () => {
  const field = within('target');
  await field('url').fill(`${url()}?mine`);
  await field('automatic').uncheck();
  await press('저장');
  assert.deepEqual(await control('GET', 'webhook'), { url: `${url()}?mine`, content_type: 'json', automatic: false, resend_every_ms: null });
  await press('테스트 전송');
  assert.deepEqual(told.map(({ imp_uid }) => imp_uid), ['imp_1234567890']);
  await press('지우기');
  assert.equal(await control('GET', 'webhook'), null);
  assert.equal(await field('url').inputValue(), '');
});

test('a hop breaks so many times, and is healed', async () => {
  const status = async () => (await fetch(`${IAMPORT_URL}/payments/imp_1`)).status;
  const field = within('fault');
  await field('route').selectOption('look_up');
  await field('times').fill('2');
  await press('장애 켜기');
  await page.locator('#faults', { hasText: 'look_up: 503 × 2' }).waitFor();
  assert.equal(await status(), 503);
  await logs('calls', 'GET /payments/imp_1 → 503');
  await page.locator('#faults', { hasText: '× 1' }).waitFor();
  await press('모두 고치기');
  await page.locator('#faults', { hasText: '없음' }).waitFor();
  assert.equal(await status(), 401);
  await press('API 호출 기록 지우기');
  assert.equal(await page.locator('#calls li').count(), 0);
  assert.deepEqual(await control('GET', 'calls'), []);
});

test('the clock, and how the API answers', async () => {
  await page.locator('#advance [name=seconds]').fill('86400');
  await press('시간 보내기');
  const now = async () => (await control('GET', 'clock')).now - Math.floor(Date.now() / 1000);
  assert.ok(Math.abs((await now()) - 86400) < 60);
  await press('차이 정하기');
  assert.ok(Math.abs(await now()) < 60);

  for (const name of ['sandbox', 'prepare']) {
    await page.locator(`#${name}`).check();
    await said(`됨: ${name}`);
  }
  await page.locator('#pages [name=beyond]').selectOption('not_found');
  await said('됨: pages');
  const { sandbox_shown, prepare_twice_is_400, pages } = await control('GET', 'settings');
  assert.deepEqual([sandbox_shown, prepare_twice_is_400, pages], [true, true, { beyond: 'not_found', empty: 'empty_list' }]);
  await control('PUT', 'pages', {});
  await control('PUT', 'sandbox', { shown: false });
  await control('PUT', 'prepare', { twice_is_400: false });
});

test('other credentials, and no token is good any more', async () => {
  const token = async (imp_key, imp_secret) => {
    const body = JSON.stringify({ imp_key, imp_secret });
    const answer = await fetch(`${IAMPORT_URL}/users/getToken`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return (await answer.json()).response?.access_token;
  };
  const looks = async (authorization) => (await fetch(`${IAMPORT_URL}/payments/imp_none`, { headers: { authorization } })).status;
  const field = within('credentials');
  await field('imp_key').fill('key2');
  await field('imp_secret').fill('secret2');
  await press('교체');
  assert.equal(await token('imp_key', 'imp_secret'), undefined);
  const good = await token('key2', 'secret2');
  assert.equal(await looks(good), 404);
  await press('모든 토큰 폐기');
  assert.equal(await looks(good), 401);
  await control('POST', 'credentials', { imp_key: 'imp_key', imp_secret: 'imp_secret', revoke: true });
});

test('what confirm_url was asked, and answered', async () => {
  const { imp_uid } = await control('POST', 'window', { merchant_uid: order, amount: 15000, confirm_url: url() });
  await control('POST', `window/${imp_uid}/approve`);
  await logs('confirms', `${order} 15000`);
  await logs('confirms', '200 noted');
});

for (const [device, more] of [
  ['desktop', { viewport: { width: 1440, height: 900 } }],
  ['desktop', { colorScheme: 'dark' }],
  ['phone', {}],
  ['phone', { viewport: { width: 360, height: 740 } }],
]) {
  test(`it can be used without a mouse or eyes: ${device} ${JSON.stringify(more)}`, async () => {
    await page.context().close();
    await visit(device, more);
    await made();
    for (const summary of await page.locator('summary').all()) await summary.click();
    assert.deepEqual(await violations(page), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.ok(!wide, 'nothing sticks out');
    await button('전액 취소').focus();
    await page.keyboard.press('Enter');
    await shows('취소 (cancelled)');
  });
}
