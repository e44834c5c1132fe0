// SPDX-License-Identifier: Apache-2.0
// Who answers is seen: in the head of the chat, in its greeting, beside their words; the tenant's
// picture where they have none, a letter where there is none at all.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { Agent } from '../support/agent.mjs';
import { frameOf, looksFine } from '../support/browser.mjs';
import { until } from '../support/instance.mjs';
import { png } from '../support/pictures.mjs';
import { Stage } from '../support/stage.mjs';

let stage, anna, jid;

before(async () => {
  stage = await Stage.set();
  anna = stage.anna;
  jid = `anna@${stage.instance.about.xmpp.agents_domain}`;
});
after(() => stage?.strike());
afterEach(() => stage.clear());

const put = async (width, ...whose) => {
  const file = join(stage.instance.home, `${width}.png`);
  writeFileSync(file, png(width, width));
  return (await stage.instance.control(...whose, file)).address;
};
/** A profile in which no picture of anybody can be had. */
async function pictureless() {
  const context = await stage.browser.newContext({ locale: 'en' });
  await context.route('**/p/acme/**', (route) => route.abort());
  return context;
}
/** The pictures below a part of the chat, once they are there: where each is from and how wide it is drawn. */
const pictures = async (chat, part, count) => {
  await chat.frame.locator(`${part} img`).nth(count - 1).waitFor();
  return frameOf(chat).evaluate(async (images) => {
    const all = [...document.querySelectorAll(images)];
    await Promise.all(all.map((one) => one.decode()));
    return all.map((one) => ({ from: new URL(one.src).pathname, alt: one.getAttribute('alt'), wide: one.clientWidth }));
  }, `${part} img`);
};

test('before there is any, a letter stands for whoever answers', async () => {
  const chat = await stage.visit();
  await chat.start();
  const contact = await stage.exchange(chat, 'nobody seen');
  assert.match(await chat.frame.locator('.face').textContent(), /^[A-Z]$/);
  assert.equal(await chat.frame.locator('img').count(), 0);
  await anna.say(contact, '!end solved');
});

test("the site's picture greets, the agent's stands in the head and beside each run of their words", async () => {
  const brand = await put(96, 'tenant', 'avatar', 'acme');
  const greeted = await stage.visit({ reducedMotion: 'reduce' });
  await greeted.start();
  assert.deepEqual(await pictures(greeted, '.face', 1), [{ from: brand, alt: '', wide: 36 }]);
  assert.deepEqual(await pictures(greeted, 'ol', 1), [{ from: brand, alt: '', wide: 24 }], 'she has none of her own yet');

  const own = await put(64, 'agent', 'avatar', jid, 'acme');
  const chat = await stage.visit({ reducedMotion: 'reduce' });
  await chat.start();
  assert.deepEqual((await pictures(chat, 'ol', 1)).map(({ from }) => from), [own], 'who is there');
  await chat.say('who is it?');
  const contact = await anna.accept('acme', /who is it/);
  await anna.say(contact, 'it is me');
  await chat.message('it is me').waitFor();
  assert.deepEqual(await pictures(chat, '.face', 1), [{ from: own, alt: '', wide: 36 }]);
  await anna.say(contact, 'as you see');
  await chat.message('as you see').waitFor();
  assert.deepEqual((await pictures(chat, '.agent', 2)).map(({ from }) => from), [own, own]);
  const sizes = await frameOf(chat).evaluate(() => [...document.querySelectorAll('.agent img')].map((one) => one.checkVisibility() && !one.closest('.sr')));
  assert.deepEqual(sizes, [true, false], 'once a run');
  assert.equal(await chat.frame.locator('.mine img').count(), 0);
  assert.deepEqual(chat.problems, [], 'the policy of the frame lets them in');
  assert.ok(!chat.requests.some((url) => url.includes('anna')), 'nothing that is asked for names her');

  const without = await stage.visit({ context: await pictureless() });
  await without.start();
  await without.frame.locator('.face').getByText(/^[A-Z]$/).waitFor(); // a letter, not a blank circle
  await without.frame.locator('.who').getByText('Here to help: ').waitFor();
  await until(async () => (await without.frame.locator('img').count()) === 0);
  assert.ok(without.requests.some((url) => url.includes('/p/acme/')), 'they were asked for');

  for (const width of [320, 1280])
    for (const look of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { forcedColors: 'active' }]) {
      await chat.page.setViewportSize({ width, height: 740 });
      await chat.page.emulateMedia(look);
      await looksFine(chat, `${width} px, ${JSON.stringify(look)}`);
    }
  await anna.say(contact, '!end solved');
});

test("several who have none of their own are shown by the site's picture once", async () => {
  const ben = await Agent.login(stage.instance, 'ben');
  const his = `ben@${stage.instance.about.xmpp.agents_domain}`;
  await stage.instance.control('agent', 'assign', his, 'acme', '--persona', 'Ben');
  await stage.instance.control('agent', 'avatar', jid, 'acme', '--remove');
  const brand = await put(96, 'tenant', 'avatar', 'acme');
  try {
    let chat;
    await until(async () => {
      chat = await stage.visit({ reducedMotion: 'reduce' });
      await chat.start();
      return /Ben/.test(await chat.frame.locator('ol .who').textContent());
    }, { what: 'two who are there' });
    assert.deepEqual((await pictures(chat, 'ol', 1)).map(({ from }) => from), [brand]);
  } finally {
    await stage.instance.control('agent', 'unassign', his, 'acme');
    await ben.stop();
  }
});

test('after a reload, and from right to left, it is the same', async () => {
  const own = await put(64, 'agent', 'avatar', jid, 'acme');
  const chat = await stage.visit({ reducedMotion: 'reduce', speaks: 'ar' });
  await chat.button.click();
  await chat.text.waitFor();
  const contact = await stage.exchange(chat, 'mirrored');
  const place = await frameOf(chat).evaluate(() => {
    const [picture, name] = ['.agent img', '.agent bdi'].map((part) => document.querySelector(part).getBoundingClientRect());
    return picture.left - name.right;
  });
  assert.ok(place >= 4, `the picture stands right of the name: ${place}`);
  await looksFine(chat, 'from right to left');
  await chat.page.reload();
  await chat.message('an answer to mirrored').waitFor();
  assert.deepEqual((await pictures(chat, '.agent', 1)).map(({ from }) => from), [own]);
  await anna.say(contact, '!end solved');
});

test('a picture that was taken away leaves the letter to whoever comes', async () => {
  await stage.instance.control('agent', 'avatar', jid, 'acme', '--remove');
  await stage.instance.control('tenant', 'avatar', 'acme', '--remove');
  const chat = await stage.visit();
  await chat.start();
  assert.match(await chat.frame.locator('.face').textContent(), /^[A-Z]$/);
  assert.equal(await chat.frame.locator('img').count(), 0);
});
