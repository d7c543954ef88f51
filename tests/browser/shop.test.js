// The shop of `make run`, at SHOP_URL, as a visitor uses it: no terminal.
'use strict';

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');

const { violations } = require('./axe');
const { DEVICES, frame, launch } = require('./browser');

const { SHOP_URL } = process.env;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

// The shop's page with an order of one's own; `done` says what nobody should have to see.
const visit = async (device) => {
  const context = await browser.newContext(DEVICES[device]);
  const page = await context.newPage();
  const trouble = [];
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => trouble.push(message.text()));
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol !== 'data:' && !['127.0.0.1', 'localhost'].includes(hostname)) trouble.push(request.url());
  });
  await page.goto(SHOP_URL);
  const orders = page.locator('#order option');
  await orders.first().waitFor({ state: 'attached' });
  const known = await orders.evaluateAll((all) => all.map(({ value }) => value));
  await page.getByRole('button', { name: '새 주문' }).click();
  await page.waitForFunction((count) => document.querySelectorAll('#order option').length > count, known.length);
  const all = await orders.evaluateAll((all) => all.map(({ value }) => value));
  const order = all.find((value) => !known.includes(value));
  await page.locator('#order').selectOption(order);
  const done = async (expected = []) => {
    await context.close();
    assert.deepEqual(trouble.filter((line) => !expected.some((part) => line.includes(part))), []);
  };
  return { page, order, done };
};

const pay = async (page, label = '결제하기') => {
  await page.locator('button.pay').click();
  const button = frame(page).getByRole('button', { name: label, exact: true });
  if (label !== '결제하기') await frame(page).getByText('문제 상황').click();
  await button.click();
};

const answers = (page, status) => page.locator('#answer', { hasText: `(${status})` }).waitFor();
const says = (page, name, value) => page.locator(`#row tr[data-key="${name}"]`, { hasText: value }).waitFor();
// The browser itself prints a line for each answer of 400 and more.
const REFUSED = ['Failed to load resource'];

test('pay, and see it recorded; give it back', async () => {
  const { page, done } = await visit('desktop');
  await pay(page);
  await answers(page, 'success');
  await says(page, 'payment_status', 'paid');
  await page.getByRole('button', { name: '전액 환불' }).click();
  await says(page, 'payment_status', 'cancelled');
  await done();
});

test('an account, and its deposit', async () => {
  const { page, done } = await visit('desktop');
  await page.locator('#method').selectOption('vbank');
  await pay(page);
  await answers(page, 'vbankIssued');
  await page.getByRole('button', { name: '입금' }).click();
  await says(page, 'payment_status', 'paid');
  await done();
});

test('a tampered amount: the window does not open, the approval is refused, or it is a forgery', async () => {
  const { page, order, done } = await visit('desktop');
  await page.locator('#tampered').fill('10');
  await page.locator('button.pay').click();
  await answers(page, 'paymentNotFound');
  await done(REFUSED);

  const second = await visit('desktop');
  await second.page.locator('#tampered').fill('10');
  await second.page.locator('#prepare').uncheck();
  await pay(second.page);
  await answers(second.page, 'failed');
  await second.done();

  const third = await visit('desktop');
  await third.page.locator('#tampered').fill('10');
  await third.page.locator('#prepare').uncheck();
  await third.page.locator('#confirm').uncheck();
  await pay(third.page);
  await answers(third.page, 'forgery');
  await third.page.locator('#unmatched tr', { hasText: third.order }).filter({ hasText: 'wrongMoney' }).waitFor();
  await third.done(REFUSED);
  assert.ok(order);
});

test('a webhook lost and the answer too: the sweep finds it', async () => {
  const { page, done } = await visit('desktop');
  await page.locator('#webhooks').check();
  await pay(page, '결제되지만 응답이 사라짐');
  await page.locator('.imp-dialog').waitFor({ state: 'detached' });
  assert.equal(await page.locator('#row tr[data-key="payment_status"]').count(), 0);
  await page.getByRole('button', { name: '스윕 실행' }).click();
  await says(page, 'payment_status', 'paid');
  await page.locator('#webhooks').uncheck();
  await done();
});

test('the next webhook lost in the console, the answer in the window: the sweep repairs it', async () => {
  const { page, order, done } = await visit('desktop');
  await page.getByRole('link', { name: '관리자 콘솔' }).click();
  await page.getByRole('button', { name: '유실시키기' }).click();
  await page.locator('#to-lose', { hasText: '1' }).waitFor();
  await page.goBack();
  await page.locator(`#order option[value="${order}"]`).waitFor({ state: 'attached' });
  await page.locator('#order').selectOption(order);
  await pay(page, '결제되지만 응답이 사라짐');
  await page.locator('.imp-dialog').waitFor({ state: 'detached' });
  assert.equal(await page.locator('#row tr[data-key="payment_status"]').count(), 0);
  await page.getByRole('button', { name: '스윕 실행' }).click();
  await says(page, 'payment_status', 'paid');
  await done();
});

test('a paid order, paid again: an honest answer', async () => {
  const { page, done } = await visit('desktop');
  await pay(page);
  await answers(page, 'success');
  await page.locator('#answer').evaluate((element) => element.replaceChildren());
  await page.locator('button.pay').click();
  await answers(page, 'success');
  await done(REFUSED);
});

test('on a phone the browser leaves, and comes back verified', async () => {
  const { page, order, done } = await visit('phone');
  await pay(page);
  await page.waitForURL(/status=success/);
  await page.locator('#answer', { hasText: order }).waitFor();
  await done();
});

for (const device of Object.keys(DEVICES)) {
  test(`the page can be used without a mouse or eyes: ${device}`, async () => {
    const { page, done } = await visit(device);
    assert.deepEqual(await violations(page), []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.ok(!wide, 'nothing sticks out');
    await done();
  });
}
