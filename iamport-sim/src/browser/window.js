// The payment window: what a customer does in it, by way of the simulator's control API.
'use strict';

let sdk = 'classic';
let page;
let imp_uid;

// Which is open for one method, unless the page named none.
const METHODS = Object.fromEntries([...document.querySelectorAll('#choice option')].map(({ value, text }) => [value, text]));

const control = async (verb, redirect = 'current', body) => {
  const webhook = document.querySelector('[name="webhook"]:checked').value;
  const url = `/control/window${verb}?sdk=${sdk}&redirect=${redirect}${webhook && `&webhook=${webhook}`}`;
  const answer = await fetch(url, { method: 'POST', body: body && JSON.stringify(body) });
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.error);
  return json;
};

const end = ({ callback, redirect }, more) =>
  page.source.postMessage(
    { from: 'iamport-window', action: 'end', answer: callback, redirect, times: 1, refused: !imp_uid, ...more },
    page.origin,
  );

const approve = async (redirect) => {
  const choice = document.getElementById('choice');
  if (!choice.hidden) {
    const pay_method = choice.value;
    const answer = await fetch(`/control/payments/${imp_uid}`, { method: 'PATCH', body: JSON.stringify({ pay_method }) });
    if (!answer.ok) throw new Error((await answer.json()).error);
  }
  return control(`/${imp_uid}/approve`, redirect);
};

const steps = {
  approve: async () => end(await approve()),
  fail: async () => end(await control(`/${imp_uid}/fail`, 'current', { reason: '[카드사 거절] 한도초과' })),
  leave: async () => end(await control(`/${imp_uid}/leave`)),
  lost: async () => end(await approve(), { times: 0, redirect: null }),
  twice: async () => end(await approve(), { times: 2 }),
  back_twice: async () => end(await approve(), { returns: 2 }),
  no_imp_uid: async () => end(await approve('without_imp_uid')),
  // What the browser is told is settled when the window ends; what becomes of the payment is not.
  denied: async () => {
    const left = await control(`/${imp_uid}/leave`);
    await approve();
    end(left);
  },
  late: async () => {
    const left = await control(`/${imp_uid}/leave`);
    // The frame goes with the window, and a request that has begun goes on.
    fetch(`/control/window/${imp_uid}/approve`, { method: 'POST', keepalive: true });
    end(left);
  },
};

const show = ({ name, merchant_uid, pay_method, amount, currency }) => {
  const text = (id, value) => {
    document.getElementById(id).textContent = value ?? '';
  };
  const won = !currency || currency === 'KRW';
  text('name', name);
  text('merchant_uid', merchant_uid);
  document.getElementById('choice').hidden = Boolean(pay_method);
  text('pay_method', METHODS[pay_method] ?? pay_method);
  text('amount', won ? `${Number(amount).toLocaleString('ko-KR')}원` : `${amount} ${currency}`);
};

// Not before there is a payment, and once only.
const usable = (is) => {
  for (const button of document.querySelectorAll('[data-step]')) button.disabled = !is;
};

const fails = (error) => {
  document.getElementById('trouble').textContent = error.message;
};

addEventListener('message', async (message) => {
  if (message.source !== parent || message.data?.from !== 'iamport-sdk') return;
  page = message;
  sdk = message.data.sdk;
  show(message.data.data);
  try {
    const window = await control('', 'current', message.data.data);
    imp_uid = window.imp_uid;
    if (!imp_uid) return end(window);
    usable(true);
  } catch (error) {
    fails(error);
  }
});

for (const button of document.querySelectorAll('[data-step]')) {
  button.addEventListener('click', async () => {
    usable(false);
    await steps[button.dataset.step]().catch(fails);
  });
}

parent.postMessage({ from: 'iamport-window', action: 'ready' }, '*');
