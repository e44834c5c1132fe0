// SPDX-License-Identifier: Apache-2.0
// The widget in another browser than all the other tests': opened, said, answered, a file, and found
// again after a reload. Skipped where there is no Firefox: it is too large for ./dev setup.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Firefox, firefoxPath } from '../support/firefox.mjs';
import { png } from '../support/pictures.mjs';
import { Stage, until } from '../support/stage.mjs';

const skip = firefoxPath() ? false : 'no Firefox here; apt-get install firefox-esr brings it';
let stage, firefox;

before(async () => {
  if (skip) return;
  stage = await Stage.set();
  firefox = await Firefox.launch();
});
after(async () => {
  await firefox?.quit();
  await stage?.strike();
});

const HOST = `document.querySelector('lasna-chat')`;
const has = (text) => `document.querySelector('ol').innerText.includes(${JSON.stringify(text)})`;

test('Firefox: a chat with a file, a reload, and the keyboard', { skip }, async () => {
  await firefox.open(`${stage.acme}/en/pricing`);
  await firefox.wait(HOST);
  await firefox.see(`lasna('locale', 'en')`);
  assert.equal(await firefox.see(`localStorage.length + sessionStorage.length`), 0, 'nothing is kept before it is opened');
  await firefox.click(`${HOST}.shadowRoot.querySelector('button')`);
  let frame = await firefox.frame();
  await firefox.wait(`document.activeElement?.id === 'text' && !document.querySelector('form').hidden`, frame);
  await firefox.type('hello from Firefox\n', frame);
  await firefox.wait(`document.querySelector('li.mine .tick:not(.sending)') !== null`, frame);
  const contact = await stage.anna.accept('acme', /hello from Firefox/);
  await stage.anna.say(contact, 'hello, how can I help?');
  await firefox.wait(has('how can I help?'), frame);
  assert.equal(await firefox.see(`document.querySelector('[role=status]').textContent`, frame), 'Anna: hello, how can I help?');

  await firefox.see(`{
    const carried = new DataTransfer();
    carried.items.add(new File([Uint8Array.from(atob('${png().toString('base64')}'), (one) => one.charCodeAt(0))], 'kuva.png', { type: 'image/png' }));
    dispatchEvent(new DragEvent('drop', { dataTransfer: carried, cancelable: true }));
  }`, frame);
  await firefox.wait(`document.querySelector('li.mine img')?.naturalWidth > 0`, frame);

  await firefox.open(`${stage.acme}/en/pricing`);
  frame = await firefox.frame(); // it was open, and opens by itself
  await firefox.wait(has('how can I help?'), frame);
  await firefox.wait(`document.querySelector('li.mine img')?.naturalWidth > 0`, frame);
  const { messages } = await stage.transcriptWith('hello from Firefox');
  assert.deepEqual(messages.map(({ text }) => text), ['hello from Firefox', 'hello, how can I help?', 'kuva.png']);

  await firefox.click(`document.querySelector('#text')`, frame);
  await firefox.escape(frame);
  await firefox.wait(`${HOST}.shadowRoot.querySelector('[role=dialog]').hidden`);
  assert.equal(await firefox.see(`${HOST}.shadowRoot.activeElement?.localName`), 'button', 'the focus is where it was');
  await stage.anna.say(contact, 'still there?');
  await until(() => firefox.see(`${HOST}.shadowRoot.querySelector('b').textContent === '1'`));
  assert.deepEqual(firefox.problems.filter((line) => !/favicon/.test(line)), []); // the shop's page's own
});
