// A checkout to copy: ask before the window opens, open it, and ask what became of it. Nothing here is believed by the
// server; it only decides what the customer reads.

// Posts JSON. What passes (too many requests, trouble, no connection) is tried again, so many times in all.
async function post(url, body, times = 3) {
  for (let tries = 1; ; tries++) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15000),
    }).catch(() => null);
    const passes = !answer || answer.status === 429 || answer.status === 503;
    const told = await answer?.json().catch(() => null);
    if (!passes || tries === times) return told?.status ? told : { status: 'unavailable', message: '잠시 후 다시 시도해 주세요' };
    await new Promise((wait) => setTimeout(wait, 5000));
  }
}

// Pays an order, and resolves to what the customer should read: { status, message }.
async function checkout(order) {
  const { merchant_uid } = order;
  // Once only: the customer waits, and what this prevents is found after the payment all the same.
  const prepared = await post('/payments/prepare', { merchant_uid }, 1);
  // Paid already: say so honestly, by asking what became of the order.
  if (prepared.status === 'duplicatePayment') return post('/payments/complete', { merchant_uid });
  if (!['prepared', 'unavailable'].includes(prepared.status)) return prepared;
  // On a phone the page is left here, and the customer comes back by m_redirect_url.
  const { imp_uid } = await new Promise((ended) => IMP.request_pay(order, ended));
  // Without an imp_uid the window did not open, perhaps because the order is paid already.
  return post('/payments/complete', { imp_uid, merchant_uid });
}
