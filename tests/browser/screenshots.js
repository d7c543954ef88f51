// The pictures that README shows, of the shop at SHOP_URL, into the folder of the first argument.
'use strict';

const path = require('node:path');
const { frame, launch } = require('./browser');

const { SHOP_URL } = process.env;
const folder = process.argv[2];

const main = async () => {
  const browser = await launch();
  const page = await browser.newPage({ viewport: { width: 1120, height: 710 }, locale: 'ko-KR' });
  const paid = async (tampered, honest) => {
    await page.locator('#tampered').fill(tampered);
    for (const guard of ['#prepare', '#confirm']) await page.locator(guard).setChecked(honest);
    await page.locator('button.pay').click();
    await frame(page).getByRole('button', { name: '결제하기' }).click();
    await page.locator('.imp-dialog').waitFor({ state: 'detached' });
  };
  await page.goto(SHOP_URL);
  await page.locator('#order option').first().waitFor({ state: 'attached' });
  // Somebody paid too little for one order; another one is paid as it should be.
  await page.locator('#order').selectOption('order-2');
  await paid('10', false);
  await page.locator('#unmatched tr').first().waitFor();
  await page.locator('#order').selectOption('order-1');
  await paid('', true);
  await page.locator('#answer', { hasText: '(success)' }).waitFor();
  const shoot = (name) => page.screenshot({ path: path.join(folder, name), animations: 'disabled' });
  await shoot('shop.png');

  // A window, its troubles in sight.
  await page.locator('#order').selectOption('order-3');
  await page.locator('button.pay').click();
  await frame(page).getByText('문제 상황').click();
  await frame(page).getByRole('radio', { name: '유실됨' }).check();
  await page.setViewportSize({ width: 480, height: 1060 });
  await shoot('window.png');

  // The console, with the first of the two payments given back in part.
  await frame(page).getByRole('button', { name: '창 닫기' }).click();
  await page.setViewportSize({ width: 1000, height: 840 });
  await page.getByRole('link', { name: '관리자 콘솔' }).click();
  await page.locator('#payments tr', { hasText: 'order-1' }).first().getByRole('button').click();
  await page.locator('#part [name=amount]').fill('3000');
  await page.getByRole('button', { name: '부분 취소' }).click();
  await page.locator('#facts', { hasText: '부분 취소' }).waitFor();
  await page.locator('#webhooks', { hasText: 'cancelled order-1' }).waitFor();
  await shoot('console.png');
  await browser.close();
};

main();
