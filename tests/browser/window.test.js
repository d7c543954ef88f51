// A shop's own page, the SDK loaded from where the real one is, and the payment window it opens.
'use strict';

const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');

const { violations } = require('./axe');
const { DEVICES, control, frame, launch, open } = require('./browser');

const CLASSIC = 'https://cdn.iamport.kr/js/iamport.payment-1.2.0.js';
const NEWEST = 'https://cdn.iamport.kr/v1/iamport.js';
const BACK = 'https://shop.example/back?order=7';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

let orders = 0;
const order = () => `browser-${process.pid}-${(orders += 1)}`;

const shop = (script) => `<!doctype html>
<html lang="ko"><head><title>주문서</title></head><body><main><h1>주문서</h1></main>
<script src="${script}"></script>
<script>
  const answers = [];
  IMP.init('imp00000000');
  const pay = (param, callback = true) => IMP.request_pay(param, callback ? (answer) => answers.push(answer) : undefined);
</script></body></html>`;

// Pays in the page, and presses this in the window.
const press = async (page, param, label) => {
  await page.evaluate((param) => pay(param), param);
  const button = frame(page).getByRole('button', { name: label, exact: true });
  if (!(await button.isVisible().catch(() => false))) {
    const trouble = frame(page).getByText('문제 상황');
    await trouble.waitFor();
    if (!['결제하기', '결제 실패', '창 닫기'].includes(label)) await trouble.click();
  }
  await button.click();
};

// The callback's answers, once the window is gone.
const told = async (page) => {
  await page.locator('.imp-dialog').waitFor({ state: 'detached' });
  return page.evaluate(() => answers);
};

const payments = async (merchant_uid, answer) => {
  const payment = await control('GET', `payments/${answer.imp_uid}`);
  assert.equal(payment.merchant_uid, merchant_uid);
  return payment;
};

// What shops have logged of the real scripts, member by member in its order.
const BUYER = ['buyer_name', 'buyer_email', 'buyer_tel', 'buyer_addr', 'buyer_postcode', 'custom_data'];
const PAID = ['success', 'imp_uid', 'pay_method', 'merchant_uid', 'name', 'paid_amount', 'currency', 'pg_provider', 'pg_type', 'pg_tid', 'apply_num', ...BUYER, 'status', 'paid_at', 'receipt_url', 'card_name', 'bank_name', 'card_quota', 'card_number'];
const LEFT = ['success', 'imp_uid', 'merchant_uid', 'pay_method', 'pg_provider', 'pg_type', 'error_msg'];
const REFUSED = ['success', 'imp_uid', 'merchant_uid', 'error_code', 'error_msg'];

for (const [script, members] of [
  [CLASSIC, PAID],
  [NEWEST, ['imp_uid', 'merchant_uid']],
]) {
  test(`paid: what ${script} answers`, async () => {
    const { page, done } = await open(browser, 'desktop', shop(script));
    const merchant_uid = order();
    await press(page, { merchant_uid, amount: 15000, name: '책' }, '결제하기');
    const [answer, ...more] = await told(page);
    assert.equal(more.length, 0);
    assert.deepEqual(Object.keys(answer), members);
    assert.equal((await payments(merchant_uid, answer)).status, 'paid');
    await done();
  });
}

for (const [label, status, success, times] of [
  ['결제 실패', 'failed', false, 1],
  ['창 닫기', 'ready', false, 1],
  ['응답이 두 번 옴', 'paid', true, 2],
  ['결제되었지만 실패로 응답', 'paid', false, 1],
]) {
  test(`${label}: the callback`, async () => {
    const { page, done } = await open(browser, 'desktop', shop(CLASSIC));
    const merchant_uid = order();
    await press(page, { merchant_uid, amount: 15000 }, label);
    const answers = await told(page);
    assert.deepEqual(answers.map((answer) => answer.success), Array(times).fill(success));
    if (label === '창 닫기') assert.deepEqual(Object.keys(answers[0]), LEFT);
    assert.equal((await payments(merchant_uid, answers[0])).status, status);
    await done();
  });
}

test('the answer is lost, and the payment is there', async () => {
  const { page, done } = await open(browser, 'desktop', shop(CLASSIC));
  const merchant_uid = order();
  await press(page, { merchant_uid, amount: 15000 }, '결제되지만 응답이 사라짐');
  assert.deepEqual(await told(page), []);
  // The window does not open again for an order that is paid, and says so without an imp_uid.
  await page.evaluate((param) => pay(param), { merchant_uid, amount: 15000 });
  const [refused] = await told(page);
  assert.deepEqual([refused.success, refused.imp_uid, refused.error_code], [false, null, 'F1002']);
  assert.deepEqual(Object.keys(refused), REFUSED);
  await done();
});

test('a phone comes back by its URL, with or without imp_uid', async () => {
  for (const [label, has] of [
    ['결제하기', true],
    ['imp_uid 없이 돌아옴 (모바일)', false],
  ]) {
    const { page, done } = await open(browser, 'phone', shop(NEWEST));
    const merchant_uid = order();
    await press(page, { merchant_uid, amount: 15000, m_redirect_url: BACK }, label);
    await page.waitForURL(/\/back/);
    const query = new URL(page.url()).searchParams;
    assert.deepEqual([query.get('order'), query.get('merchant_uid'), query.has('imp_uid')], ['7', merchant_uid, has]);
    await done();
  }
});

test('not initialised, or without an order, it says so and opens nothing', async () => {
  const { page, done } = await open(browser, 'desktop', shop(CLASSIC));
  const said = [];
  page.on('dialog', (dialog) => {
    said.push(dialog.message());
    dialog.accept();
  });
  await page.evaluate(() => {
    IMP.request_pay();
    IMP.deinit();
    IMP.request_pay({ amount: 1000 });
  });
  assert.deepEqual(said, [
    '결제요청 파라미터가 누락되었습니다.',
    '판매자 코드가 설정되지 않았습니다. IMP.init()함수를 먼저 호출하세요.',
  ]);
  assert.equal(await page.locator('.imp-dialog').count(), 0);
  await done();
});

for (const device of Object.keys(DEVICES)) {
  test(`the window can be used without a mouse or eyes: ${device}`, async () => {
    const { page, done } = await open(browser, device, shop(NEWEST));
    await page.evaluate((param) => pay(param), { merchant_uid: order(), amount: 15000, name: '책' });
    const amount = frame(page).getByText('15,000원');
    await amount.waitFor();
    assert.deepEqual(await violations(page), []);
    await frame(page).getByRole('button', { name: '결제하기' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('.imp-dialog').waitFor({ state: 'detached' });
    await done();
  });
}
