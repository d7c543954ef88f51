// What the window and the SDK do beyond a plain payment: methods, the shop's own URLs, refusals, webhooks out of order.
'use strict';

const assert = require('node:assert/strict');
const { createServer } = require('node:http');
const { after, afterEach, before, beforeEach, test } = require('node:test');

const { control, frame, launch, open } = require('./browser');

const { IAMPORT_URL } = process.env;
const CLASSIC = 'https://cdn.iamport.kr/js/iamport.payment-1.2.0.js';
const NEWEST = 'https://cdn.iamport.kr/v1/iamport.js';

let browser;
let server;
// What the shop's server got, and what it answers.
let got;
let reply;
let waiting;

before(async () => {
  browser = await launch();
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', async () => {
      got.push({ path: request.url, body: body && JSON.parse(body) });
      waiting?.();
      await reply.held;
      response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
});
after(async () => {
  await browser.close();
  await new Promise((closed) => server.close(closed));
});
beforeEach(async () => {
  [got, reply] = [[], { status: 200, body: '{}' }];
  await control('PUT', 'webhook', { url: url('console'), automatic: true });
});
afterEach(() => control('DELETE', 'webhook'));

const url = (path) => `http://127.0.0.1:${server.address().port}/${path}`;
// Resolves once the shop's server got this.
const came = async (wanted) => {
  while (!got.some(wanted)) await new Promise((resolve) => (waiting = resolve));
};

let orders = 0;
const order = () => `flows-${process.pid}-${(orders += 1)}`;
const shop = (script, body = '') => `<!doctype html>
<html lang="ko"><head><title>주문서</title></head><body><main><h1>주문서</h1>${body}</main>
<script src="${script}"></script>
<script>
  const answers = [];
  IMP.init('imp00000000');
  const told = (answer) => answers.push(answer);
</script></body></html>`;

const pay = (page, param) => page.evaluate((param) => IMP.request_pay(param, told), param);
const press = (page, label) => frame(page).getByRole('button', { name: label, exact: true }).click();
const answers = async (page) => {
  await page.locator('.imp-dialog').waitFor({ state: 'detached' });
  return page.evaluate(() => answers);
};
const shopped = (script, device = 'desktop', body) => open(browser, device, shop(script, body));

test('an account is issued: a success that is not paid', async () => {
  const { page, done } = await shopped(CLASSIC);
  await pay(page, { merchant_uid: order(), amount: 15000, pay_method: 'vbank' });
  await frame(page).getByText('가상계좌', { exact: true }).first().waitFor();
  await press(page, '결제하기');
  const [answer] = await answers(page);
  assert.deepEqual([answer.success, answer.status, 'paid_at' in answer], [true, 'ready', false]);
  assert.deepEqual(Object.keys(answer).slice(-5), ['status', 'vbank_num', 'vbank_name', 'vbank_holder', 'vbank_date']);
  await done();
});

test('a window that was opened for no method lets the customer choose; another does not', async () => {
  const { page, done } = await shopped(CLASSIC);
  await pay(page, { merchant_uid: order(), amount: 15000 });
  await frame(page).getByRole('combobox', { name: '결제수단' }).selectOption('vbank');
  await press(page, '결제하기');
  const [answer] = await answers(page);
  assert.deepEqual([answer.pay_method, answer.status], ['vbank', 'ready']);
  await pay(page, { merchant_uid: order(), amount: 15000, pay_method: 'trans' });
  await frame(page).getByText('계좌이체', { exact: true }).first().waitFor();
  assert.ok(await frame(page).locator('#choice').isHidden());
  await press(page, '결제하기');
  const [, second] = await answers(page);
  assert.equal(second.pay_method, 'trans');
  await done();
});

for (const [script, members] of [
  [CLASSIC, ['success', 'imp_uid', 'merchant_uid', 'error_code', 'error_msg']],
  [NEWEST, ['imp_uid', 'merchant_uid', 'error_code', 'error_msg']],
]) {
  test(`refused before it opens, by ${script}: paid, or another amount than was registered`, async () => {
    const { page, done } = await shopped(script);
    const [paid, prepared] = [order(), order()];
    await control('POST', 'payments', { merchant_uid: paid, amount: 15000 });
    const headers = { 'content-type': 'application/json' };
    const ask = async (path, body) =>
      (await fetch(IAMPORT_URL + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    const { response } = await ask('/users/getToken', { imp_key: 'imp_key', imp_secret: 'imp_secret' });
    headers.authorization = response.access_token;
    assert.equal((await ask('/payments/prepare', { merchant_uid: prepared, amount: 15000 })).code, 0);
    for (const merchant_uid of [paid, prepared]) {
      await pay(page, { merchant_uid, amount: 10 });
      await page.waitForFunction(() => answers.length > 0);
      const [answer] = await page.evaluate(() => answers.splice(0));
      assert.deepEqual(Object.keys(answer), members);
      assert.deepEqual([answer.imp_uid, answer.merchant_uid], [null, merchant_uid]);
      assert.equal(answer.error_code === 'F1002', merchant_uid === paid);
      if (merchant_uid === prepared) assert.match(answer.error_msg, /사전등록된 금액/);
    }
    await done();
  });
}

test('confirm_url refuses, and the customer reads why', async () => {
  const { page, done } = await shopped(CLASSIC);
  const merchant_uid = order();
  reply = { status: 409, body: '{"reason":"품절되었습니다"}' };
  await pay(page, { merchant_uid, amount: 15000, pay_method: 'card', confirm_url: url('confirm') });
  await press(page, '결제하기');
  const [answer] = await answers(page);
  assert.equal(answer.success, false);
  assert.match(answer.error_msg, /품절되었습니다/);
  const imp_uid = answer.imp_uid;
  assert.deepEqual(got, [{ path: '/confirm', body: { imp_uid, merchant_uid, amount: 15000 } }]);
  await done();
});

test('notice_url gets the webhooks, the URL of the console none', async () => {
  const { page, done } = await shopped(CLASSIC);
  const merchant_uid = order();
  await pay(page, { merchant_uid, amount: 15000, pay_method: 'card', notice_url: [url('one'), url('two')] });
  await press(page, '결제하기');
  const [{ imp_uid }] = await answers(page);
  await came(({ path }) => path === '/two');
  const body = { imp_uid, merchant_uid, status: 'paid' };
  assert.deepEqual(got, [{ path: '/one', body }, { path: '/two', body }]);
  await done();
});

// Pays, with what becomes of its webhook chosen first.
const withWebhook = async (page, merchant_uid, choice) => {
  await pay(page, { merchant_uid, amount: 15000, pay_method: 'card' });
  await frame(page).getByText('문제 상황').click();
  await frame(page).getByRole('radio', { name: choice }).check();
  await press(page, '결제하기');
  return answers(page);
};
const log = async (merchant_uid) =>
  (await control('GET', 'webhooks')).filter(({ notice }) => notice.merchant_uid === merchant_uid);

test('the webhook before the callback', async () => {
  const { page, done } = await shopped(CLASSIC);
  const merchant_uid = order();
  // The shop takes its time, and the browser is told nothing meanwhile.
  let release;
  reply.held = new Promise((resolve) => (release = resolve));
  const paying = withWebhook(page, merchant_uid, /먼저/);
  await came(({ body }) => body.merchant_uid === merchant_uid);
  for (let turn = 0; turn < 10; turn++) await page.evaluate(() => fetch('/').then((answer) => answer.text()));
  assert.equal(await page.locator('.imp-dialog').count(), 1);
  release();
  const [answer] = await paying;
  assert.deepEqual(got.map(({ body }) => body.imp_uid), [answer.imp_uid]);
  await done();
});

test('the webhook after the callback', async () => {
  const { page, done } = await shopped(CLASSIC);
  const merchant_uid = order();
  const [{ imp_uid }] = await withWebhook(page, merchant_uid, /나중에/);
  assert.deepEqual(got, [], 'the browser was told first');
  await came(({ body }) => body.imp_uid === imp_uid);
  await done();
});

test('the webhook is lost, and on record as lost', async () => {
  const { page, done } = await shopped(CLASSIC);
  const merchant_uid = order();
  const [answer] = await withWebhook(page, merchant_uid, /유실/);
  assert.equal(answer.success, true);
  const [{ receipts }, ...more] = await log(merchant_uid);
  assert.deepEqual([receipts, more, got], [[], [], []]);
  await done();
});

test('a phone comes back twice', async () => {
  const { page, done } = await shopped(NEWEST, 'phone');
  const back = 'https://shop.example/back';
  const visits = [];
  page.on('request', (request) => request.url().startsWith(back) && visits.push(request.url()));
  await pay(page, { merchant_uid: order(), amount: 15000, pay_method: 'card', m_redirect_url: back });
  await frame(page).getByText('문제 상황').click();
  await press(page, '두 번 돌아옴 (모바일)');
  await page.waitForURL(`${back}?**`);
  assert.equal(visits.length, 2);
  assert.equal(visits[0], visits[1]);
  await done();
});

test('certification and loadUI, by the real URL', async () => {
  const { page, done } = await shopped(CLASSIC, 'desktop', '<div class="portone-ui-container"></div>');
  const merchant_uid = order();
  await page.evaluate((merchant_uid) => IMP.certification({ merchant_uid }, told), merchant_uid);
  await page.waitForFunction(() => answers.length > 0);
  const [certified] = await page.evaluate(() => answers.splice(0));
  assert.deepEqual(Object.keys(certified), ['success', 'imp_uid', 'merchant_uid']);
  assert.deepEqual([certified.success, certified.merchant_uid], [true, merchant_uid]);
  await page.evaluate((param) => IMP.loadUI('paypal-spb', param, told), { merchant_uid, amount: 15000, pay_method: 'card' });
  await page.getByRole('button', { name: 'paypal-spb' }).click();
  await press(page, '결제하기');
  const [paid] = await answers(page);
  assert.deepEqual([paid.status, paid.merchant_uid], ['paid', merchant_uid]);
  await done();
});
