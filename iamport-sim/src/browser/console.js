// The merchant's console: all that the control API shows and does. What happens comes as server-sent events, and each
// has what it concerns drawn anew.
'use strict';

const $ = (id) => document.getElementById(id);
const KEPT = 100;
let payments = [];
let chosen;

// Amounts stay the digits they are, where the browser shows them; no amount is computed with.
const MONEY = ['amount', 'cancel_amount'];
const digits = (name, value, context) => (MONEY.includes(name) && typeof value === 'number' ? context?.source ?? String(value) : value);
const money = (amount, currency) => {
  const [whole, ...rest] = String(amount).split('.');
  const separated = [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...rest].join('.');
  return currency === 'KRW' ? `${separated}원` : `${separated} ${currency ?? ''}`;
};
const korean = (options) => new Intl.DateTimeFormat('ko-KR', { timeZone: 'Asia/Seoul', ...options });
const DATE = korean({ dateStyle: 'medium', timeStyle: 'medium' });
const TIME = korean({ hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const when = (seconds, format = DATE) => (seconds ? format.format(seconds * 1000) : '');
const STATUS = { paid: '결제 완료', ready: '대기', failed: '실패', cancelled: '취소' };
const word = ({ status, amount, cancel_amount }) => {
  const partly = status === 'cancelled' && cancel_amount !== amount;
  return `${partly ? '부분 취소' : STATUS[status] ?? ''} (${status})`;
};

const control = async (method, path, body) => {
  const answer = await fetch(`/control/${path}`, { method, body: typeof body === 'object' ? JSON.stringify(body) : body });
  const text = await answer.text();
  if (!answer.ok) throw new Error(JSON.parse(text).error);
  return JSON.parse(text, digits);
};

const element = (name, text, properties = {}) => Object.assign(document.createElement(name), { textContent: text }, properties);

const drawDetail = () => {
  const payment = payments.find(({ imp_uid }) => imp_uid === chosen) ?? {};
  const is = (...statuses) => statuses.includes(payment.status);
  const holds = is('paid', 'cancelled') && payment.amount !== payment.cancel_amount;
  const facts = !payment.imp_uid ? [['선택', '목록에서 결제를 고르세요.']] : [
    ['상태', word(payment)],
    ['금액', money(payment.amount, payment.currency)],
    ['취소된 금액', money(payment.cancel_amount, payment.currency)],
    ['주문번호', payment.merchant_uid],
    ['imp_uid', payment.imp_uid],
    ['결제수단', [payment.pay_method, payment.emb_pg_provider].filter(Boolean).join(' · ')],
    ...(payment.vbank_num ? [['가상계좌', `${payment.vbank_name} ${payment.vbank_num}`]] : []),
    ...(payment.fail_reason ? [['실패 사유', payment.fail_reason]] : []),
    ['시작', when(payment.started_at)],
    ['결제 시각', when(payment.paid_at)],
  ];
  $('facts').replaceChildren(...facts.flatMap(([name, value]) => [element('dt', name), element('dd', value ?? '')]));
  $('fields').textContent = payment.imp_uid ? JSON.stringify(payment, null, 2) : '';
  const can = { pay: is('ready', 'failed'), deposit: is('ready') && payment.vbank_num, fail: is('ready'), cancel: holds, 'finish-cancel': holds };
  for (const button of document.querySelectorAll('[data-verb]')) button.disabled = !can[button.dataset.verb];
  $('part').querySelector('button').disabled = !holds;
  $('resend').querySelector('button').disabled = !payment.imp_uid;
};

const choose = (imp_uid) => {
  chosen = imp_uid;
  for (const row of $('payments').rows) row.ariaCurrent = row.dataset.imp === chosen ? 'true' : null;
  drawDetail();
};

const drawPayments = async () => {
  const order = $('filter').merchant_uid.value;
  payments = await control('GET', `payments${order && `?merchant_uid=${encodeURIComponent(order)}`}`);
  const focused = document.activeElement.closest?.('#payments tr')?.dataset.imp;
  $('payments').replaceChildren(...payments.map((payment) => {
    const { imp_uid, merchant_uid, status, amount, currency } = payment;
    const row = element('tr', '');
    row.dataset.imp = imp_uid;
    const name = element('td', '');
    name.append(element('button', merchant_uid, { type: 'button', onclick: () => choose(imp_uid) }), element('div', imp_uid));
    row.append(
      element('td', word(payment), { className: `status ${status}` }),
      element('td', money(amount, currency), { className: 'money' }),
      name,
    );
    return row;
  }));
  if (focused) $('payments').querySelector(`[data-imp="${CSS.escape(focused)}"] button`)?.focus();
  $('none').hidden = payments.length > 0;
  choose(payments.some(({ imp_uid }) => imp_uid === chosen) ? chosen : payments[0]?.imp_uid);
};

// Nobody answered: a webhook that was lost, or a shop that is not there.
const answered = (receipts) => receipts.map(({ status, body }) => `${status ?? '응답 없음'} ${body}`).join(' / ') || '유실됨 (lost)';
const lines = {
  calls: ({ at, method, path, query, status }) => `${when(at, TIME)} ${method} ${path}${query && `?${query}`} → ${status ?? '끊김'}`,
  webhooks: ({ notice, url, receipts }) => `${notice.status} ${notice.merchant_uid} ${notice.imp_uid} ⇢ ${url} → ${answered(receipts)}`,
  confirms: ({ question, url, receipt }) => `${question.merchant_uid} ${question.amount} ⇢ ${url} → ${answered([receipt])}`,
};
const drawLog = (name) => async () => {
  const latest = (await control('GET', name)).slice(-KEPT).reverse();
  $(name).replaceChildren(...latest.map((entry) => element('li', lines[name](entry))));
};

const set = (form, values) => {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    // What somebody is typing stays.
    if (!field || field === document.activeElement) continue;
    if (field.type === 'checkbox') field.checked = value;
    else field.value = value;
  }
};

const drawSettings = async () => {
  const [settings, faults] = await Promise.all([control('GET', 'settings'), control('GET', 'faults')]);
  $('to-lose').textContent = settings.webhooks_to_lose;
  $('now').textContent = when(settings.now);
  $('sandbox').checked = settings.sandbox_shown;
  $('prepare').checked = settings.prepare_twice_is_400;
  set($('pages'), settings.pages);
  const told = ({ route, effect, times }) =>
    `${route}: ${typeof effect === 'string' ? effect : effect.answer?.status ?? Object.keys(effect)[0]} × ${times ?? '∞'}`;
  $('faults').textContent = faults.map(told).join(', ') || '없음';
  return settings;
};

const drawTarget = async () => {
  const { webhook, imp_key } = await drawSettings();
  set($('target'), webhook ?? { url: '', automatic: true });
  set($('credentials'), { imp_key });
};

// One drawing at a time, and one more if something happened meanwhile.
const drawer = (draw) => {
  let state = 'idle';
  return async () => {
    if (state !== 'idle') {
      state = 'again';
      return;
    }
    do {
      state = 'busy';
      await draw().catch(tell);
    } while (state === 'again');
    state = 'idle';
  };
};

const tell = (said) => {
  $('said').textContent = said instanceof Error ? `안 됨: ${said.message}` : said;
};

const draw = {
  payments: drawer(drawPayments),
  calls: drawer(drawLog('calls')),
  webhooks: drawer(drawLog('webhooks')),
  confirms: drawer(drawLog('confirms')),
  settings: drawer(drawSettings),
  target: drawer(drawTarget),
};

// Does it, says so, and shows what it switched.
const act = async (what, ...call) => {
  tell('…');
  try {
    const answer = await control(...call);
    if (answer.imp_uid) chosen = answer.imp_uid;
    const isOf = (...paths) => paths.includes(call[1]);
    await Promise.all([draw.payments(), isOf('calls') && draw.calls(), isOf('webhook', 'credentials') ? draw.target() : draw.settings()]);
    tell(`됨: ${what}${Array.isArray(answer) ? ` → ${answered(answer)}` : ''}`);
  } catch (error) {
    await draw.settings();
    tell(error);
  }
};

for (const button of document.querySelectorAll('[data-verb]')) {
  button.onclick = () => act(button.textContent, 'POST', `payments/${chosen}/${button.dataset.verb}`);
}
for (const button of document.querySelectorAll('[data-method]')) {
  button.onclick = () => act(button.textContent, button.dataset.method, button.dataset.path);
}

// What each form asks for: a method, a path and a body.
const forms = {
  make: ({ amount, merchant_uid, currency, pay_method, status, cancel_later, force }) => {
    const rest = { merchant_uid, currency, pay_method, status, ...(cancel_later && { $cancel_later: true }), ...(force && { $force: true }) };
    // The digits go as they were typed.
    return ['POST', 'payments', `{"amount":${amount.replace(/^0+(?=\d)/, '')},${JSON.stringify(rest).slice(1)}`];
  },
  part: ({ amount }) => ['POST', `payments/${chosen}/cancel`, { amount }],
  resend: ({ status, delivery }) => {
    const times = { duplicated: 2, at_once: 2, delayed_ms: 2000 }[delivery];
    return ['POST', `payments/${chosen}/webhook`, { ...(status && { status }), delivery: times ? { [delivery]: times } : delivery }];
  },
  target: ({ url, content_type, automatic }) => ['PUT', 'webhook', { url, content_type, automatic: automatic === 'on' }],
  lose: ({ times }) => ['POST', 'webhooks/lose', { times: Number(times) }],
  fault: ({ route, effect, times }) => [
    'POST',
    'faults',
    { route, effect: JSON.parse(effect), ...(times && { times: Number(times) }), ...(effect === '"slow"' && { delay_ms: 3000 }) },
  ],
  advance: ({ seconds }) => ['POST', 'clock', { advance: Number(seconds) }],
  offset: ({ seconds }) => ['POST', 'clock', { offset: Number(seconds) }],
  credentials: ({ imp_key, imp_secret, revoke }) => ['POST', 'credentials', { imp_key, imp_secret, revoke: revoke === 'on' }],
};
for (const [name, asked] of Object.entries(forms)) {
  $(name).onsubmit = (event) => {
    event.preventDefault();
    const what = $(name).querySelector('button').textContent;
    act(what, ...asked(Object.fromEntries(new FormData($(name)))));
  };
}

$('sandbox').onchange = () => act('sandbox', 'PUT', 'sandbox', { shown: $('sandbox').checked });
$('prepare').onchange = () => act('prepare', 'PUT', 'prepare', { twice_is_400: $('prepare').checked });
$('pages').onchange = () => act('pages', 'PUT', 'pages', Object.fromEntries(new FormData($('pages'))));
$('filter').onsubmit = (event) => {
  event.preventDefault();
  draw.payments();
};
// The fields are empty only after the event.
$('filter').onreset = () => setTimeout(draw.payments);

const follow = new EventSource('/control/follow');
follow.onopen = () => {
  for (const name of ['payments', 'calls', 'webhooks', 'confirms', 'target']) draw[name]();
};
follow.addEventListener('payment', draw.payments);
follow.addEventListener('call', () => Promise.all([draw.calls(), draw.settings()]));
follow.addEventListener('webhook', () => Promise.all([draw.webhooks(), draw.settings()]));
follow.addEventListener('confirm', draw.confirms);
