// The shop's page around the checkout: what to buy, what to do with it, and what became true.
'use strict';

IMP.init('imp00000000');

const $ = (id) => document.getElementById(id);
const won = (amount) => `${Number(amount).toLocaleString('ko-KR')}원`;
let state = { orders: [], unmatched: [], lines: [] };

const chosen = () => state.orders.find(({ merchant_uid }) => merchant_uid === $('order').value);

const local = async (path, body = {}) => {
  const answer = await fetch(`/local/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) tell({ status: '', message: await answer.text() });
};

const tell = ({ status, message }) => {
  $('answer').textContent = [message, status && `(${status})`].filter(Boolean).join(' ');
};

// A table of what something says, each change marked for a moment.
const show = (element, rows) => {
  const before = new Map([...element.querySelectorAll('tr')].map((row) => [row.dataset.key, row.textContent]));
  element.replaceChildren(
    ...rows.map(([name, value]) => {
      const row = document.createElement('tr');
      const head = document.createElement('th');
      head.scope = 'row';
      head.textContent = name;
      const cell = document.createElement('td');
      cell.textContent = typeof value === 'object' ? JSON.stringify(value) : value;
      row.append(head, cell);
      row.dataset.key = name;
      if (before.size && before.get(name) !== row.textContent) row.className = 'new';
      return row;
    }),
  );
};

const draw = () => {
  const order = $('order');
  const was = order.value;
  order.replaceChildren(
    ...state.orders.map(({ merchant_uid, amount }) => new Option(`${merchant_uid} · ${won(amount)}`, merchant_uid)),
  );
  if (state.orders.some(({ merchant_uid }) => merchant_uid === was)) order.value = was;
  const row = chosen() ?? {};
  show($('row'), Object.entries(row).filter(([name]) => name !== 'payment'));
  show(
    $('unmatched'),
    state.unmatched.map(({ imp_uid, merchant_uid, amount, state, reason }) => [
      imp_uid,
      `${merchant_uid} · ${won(amount)} · ${reason} · ${state}`,
    ]),
  );
  $('none').hidden = state.unmatched.length > 0;
  $('lines').textContent = state.lines.join('\n');
  $('deposit').disabled = row.payment_status !== 'ready';
  $('refund').disabled = row.payment_rank !== 3;
};

const refresh = async () => {
  state = await (await fetch('/local/state')).json();
  draw();
};

$('pay').onsubmit = async (event) => {
  event.preventDefault();
  const { merchant_uid, amount } = chosen();
  const order = {
    merchant_uid,
    amount: $('tampered').value ? Number($('tampered').value) : amount,
    name: merchant_uid,
    pay_method: $('method').value,
    m_redirect_url: `${location.origin}/payments/redirect`,
    ...($('confirm').checked && { confirm_url: `${location.origin}/payments/confirm` }),
  };
  tell({ message: '결제창을 여는 중입니다…' });
  tell($('prepare').checked ? await checkout(order) : await unprepared(order));
};

// What a tampered page does: it leaves out whatever could stop it.
const unprepared = async (order) => {
  const { imp_uid } = await new Promise((ended) => IMP.request_pay(order, ended));
  return post('/payments/complete', { imp_uid, merchant_uid: order.merchant_uid });
};

$('order').onchange = draw;
$('new').onclick = () => local('orders', { amount: 15000 });
$('deposit').onclick = () => local('deposit', { imp_uid: chosen().imp_uid });
$('refund').onclick = () => local('refund', { imp_uid: chosen().imp_uid });
$('webhooks').onchange = () => local('webhooks', { lost: $('webhooks').checked });
$('sweep').onclick = () => local('sweep');

// Back from the window, on a phone.
const back = new URLSearchParams(location.search);
if (back.has('status')) tell({ message: back.get('merchant_uid') ?? '', status: back.get('status') });

new EventSource('/local/changes').onmessage = refresh;
