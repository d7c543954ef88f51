// The pictures that README shows, of the shop at SHOP_URL, into the folder of the first argument.
'use strict';

const path = require('node:path');
const { frame, launch } = require('./browser');

const { SHOP_URL } = process.env;
const folder = process.argv[2];

const main = async () => {
  const browser = await launch();
  const page = await browser.newPage({ viewport: { width: 1120, height: 760 }, locale: 'ko-KR' });
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
  await page.screenshot({ path: path.join(folder, 'shop.png'), animations: 'disabled' });
  await browser.close();
};

main();
