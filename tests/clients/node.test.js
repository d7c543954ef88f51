// Iamport's own Node client, as it comes from npm, against iamport-sim at IAMPORT_URL. Started by test_node.py.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Iamport = require('iamport');

const { IAMPORT_URL, IMP_KEY, IMP_SECRET } = process.env;
// The client's host is a constant, read by its constructor.
Iamport.DEFAULT_HOST = IAMPORT_URL;
const client = new Iamport({ impKey: IMP_KEY, impSecret: IMP_SECRET });

const control = async (method, path, body) => {
  const answer = await fetch(`${IAMPORT_URL}/control/${path}`, { method, body: body && JSON.stringify(body) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.json();
};
const pay = async (merchant_uid, fields) =>
  (await control('POST', 'payments', { merchant_uid, amount: 1000, ...fields })).imp_uid;
const orders = (function* () {
  for (let n = 1; ; n++) yield `node-${n}`;
})();
const order = () => orders.next().value;

test('token: asked for once, renewed when it is refused', async () => {
  const imp_uid = await pay(order());
  await client.payment.getByImpUid({ imp_uid });
  await control('DELETE', 'calls');
  await client.payment.getByImpUid({ imp_uid });
  const asked = async () => (await control('GET', 'calls')).map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(await asked(), [`GET /payments/${imp_uid}`]);

  await control('DELETE', 'tokens');
  await control('DELETE', 'calls');
  assert.equal((await client.payment.getByImpUid({ imp_uid })).imp_uid, imp_uid);
  assert.deepEqual(await asked(), [`GET /payments/${imp_uid}`, 'POST /users/getToken', `GET /payments/${imp_uid}`]);
});

test('look-ups', async () => {
  const merchant_uid = order();
  const imp_uid = await pay(merchant_uid, { amount: 14.2, currency: 'USD' });
  const payment = await client.payment.getByImpUid({ imp_uid });
  assert.deepEqual([payment.merchant_uid, payment.amount, payment.buyer_name], [merchant_uid, 14.2, '홍길동']);
  assert.deepEqual(await client.payment.getByMerchant({ merchant_uid }), payment);
});

test('list', async () => {
  const imp_uids = [await pay(order(), { status: 'failed' }), await pay(order(), { status: 'failed' })];
  const page = await client.payment.getByStatus({ payment_status: 'failed', limit: 1, page: 1 });
  assert.equal(page.list.length, 1);
  assert.ok(page.total >= 2);
  const all = await client.payment.getByStatus({ payment_status: 'all', limit: 100 });
  const listed = all.list.map(({ imp_uid }) => imp_uid);
  assert.ok(imp_uids.every((imp_uid) => listed.includes(imp_uid)));
});

test('prepare', async () => {
  const merchant_uid = order();
  const prepared = { merchant_uid, amount: 1000, currency: null };
  assert.deepEqual(await client.payment.prepare({ merchant_uid, amount: 1000 }), prepared);
  assert.deepEqual(await client.payment.getPrepare({ merchant_uid }), prepared);
});

test('cancel with checksum', async () => {
  const imp_uid = await pay(order());
  const part = await client.payment.cancel({ imp_uid, amount: 300, checksum: 1000, reason: '고객 요청' });
  assert.deepEqual([part.status, part.cancel_amount, part.cancel_reason], ['cancelled', 300, '고객 요청']);
  const rest = await client.payment.cancel({ imp_uid, checksum: 700 });
  assert.deepEqual([rest.cancel_amount, rest.cancel_history.length], [1000, 2]);
});

test('errors by HTTP status', async () => {
  const imp_uid = await pay(order());
  const stranger = new Iamport({ impKey: IMP_KEY, impSecret: 'wrong' });
  await assert.rejects(stranger.payment.getByImpUid({ imp_uid }), { code: 'HTTP_401' });
  await assert.rejects(client.payment.getByImpUid({ imp_uid: 'imp_0' }), { code: 'HTTP_404' });
  await assert.rejects(client.payment.getByMerchant({ merchant_uid: 'nobody' }), { code: 'HTTP_404' });
  await assert.rejects(client.payment.getPrepare({ merchant_uid: 'nobody' }), { code: 'HTTP_404' });
  await assert.rejects(client.payment.getByStatus({ payment_status: 'lost' }), { code: 'HTTP_400' });
});

test('errors by code, with their message', async () => {
  const merchant_uid = order();
  const imp_uid = await pay(merchant_uid);
  await assert.rejects(client.payment.cancel({ imp_uid, checksum: 999 }), { code: 'IAMPORT_1' });
  await client.payment.cancel({ imp_uid });
  const again = { code: 'IAMPORT_1', message: '이미 전액취소된 주문입니다.' };
  await assert.rejects(client.payment.cancel({ imp_uid }), again);
  const unknown = { code: 'IAMPORT_1', message: '취소할 결제건이 존재하지 않습니다.' };
  await assert.rejects(client.payment.cancel({ imp_uid: 'imp_0' }), unknown);
  const prepared = order();
  await client.payment.prepare({ merchant_uid: prepared, amount: 1000 });
  const twice = client.payment.prepare({ merchant_uid: prepared, amount: 1000 });
  await assert.rejects(twice, { code: 'IAMPORT_1', message: /이미 등록된 merchant_uid/ });
});

test('trouble at the gateway', async () => {
  const imp_uid = await pay(order());
  for (const [effect, error] of [['not_json', SyntaxError], ['bad_gateway', SyntaxError], ['dropped', /socket hang up/]]) {
    await control('POST', 'faults', { effect, route: 'look_up', times: 1 });
    await assert.rejects(client.payment.getByImpUid({ imp_uid }), error);
  }
  assert.equal((await client.payment.getByImpUid({ imp_uid })).imp_uid, imp_uid);
});
