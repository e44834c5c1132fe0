// SPDX-License-Identifier: Apache-2.0
// What is ejabberd's alone: accounts and rosters by its REST API, and what happens while that is away.
// The desk and the first chat run on it as well: see tests/run.mjs.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { xml } from '@xmpp/client';

import { Agent } from '../support/agent.mjs';
import { Instance, until } from '../support/instance.mjs';

let instance;
before(async () => {
  instance = await Instance.start({ empty: true, xmpp: 'ejabberd' });
});
after(() => instance?.stop());

async function roster(agent) {
  const id = `roster-${Math.random()}`;
  await agent.xmpp.send(xml('iq', { type: 'get', id }, xml('query', { xmlns: 'jabber:iq:roster' })));
  const answer = await until(() => agent.stanzas.find((stanza) => stanza.is('iq') && stanza.attrs.id === id), { what: 'the roster' });
  return answer.getChild('query').getChildren('item').map((item) => ({ ...item.attrs, group: item.getChildText('group') }));
}

test('an agent finds the desk of each tenant in a group of its name, and it goes when the assignment does', async () => {
  await instance.control('tenant', 'add', 'acme', '--name', 'Acme; Oy', '--origin', 'https://acme.example');
  const jid = await instance.addAgent('anna', 'acme');
  const anna = await Agent.login(instance, 'anna');
  const desk = (items) => items.find((item) => item.jid === 'desk@acme.chat.localhost');
  await until(async () => desk(await roster(anna)), { what: 'the desk in the roster' });
  const item = desk(await roster(anna));
  assert.equal(item.subscription, 'both');
  assert.equal(item.group, 'Acme, Oy', 'one group, though ";" stands between groups there');
  await instance.control('agent', 'unassign', jid, 'acme');
  await until(async () => !desk(await roster(anna)), { what: 'the desk gone' });
  await anna.stop();
});

test('an account that exists keeps its password', async () => {
  const file = join(instance.home, 'other.password');
  await writeFile(file, 'another one\n', { mode: 0o600 });
  await instance.control('agent', 'revoke', 'anna@agents.localhost');
  await instance.addAgent('bo', 'acme');
  await instance.control('agent', 'unassign', 'bo@agents.localhost', 'acme');
  await instance.ctl('agent', 'add', 'bo@agents.localhost', '--name', 'Bo', '--password-file', file);
  const bo = await Agent.login(instance, 'bo');
  await bo.stop();
});

test('while ejabberd is away it is said so, and afterwards all goes on', async () => {
  await instance.kill('xmpp');
  const file = join(instance.home, 'cy.password');
  await writeFile(file, 'secret-of-cy\n', { mode: 0o600 });
  const refused = await instance.ctl('agent', 'add', 'cy@agents.localhost', '--name', 'Cy', '--password-file', file);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /XMPP server/);
  await instance.startXmpp();
  await until(async () => /event=provision\.up[\s\S]*event=provision\.down[\s\S]*event=provision\.up/.test(await instance.log('log/lasnad.log')),
    { what: 'the REST API found again' });
  await instance.control('agent', 'add', 'cy@agents.localhost', '--name', 'Cy', '--password-file', file, '--if-missing');
});

test('no password is in any log, and the REST API lets nobody in without', async () => {
  const secret = (await readFile(join(instance.home, 'xmpp/control.secret'), 'utf8')).trim();
  for (const log of ['log/lasnad.log', 'xmpp/ejabberd.log']) {
    const text = await instance.log(log);
    assert.ok(!text.includes(secret) && !text.includes('secret-of-'), log);
  }
  const rest = /^rest = (.*)$/m.exec(await readFile(join(instance.home, 'lasna.conf'), 'utf8'))[1];
  const { status } = await fetch(`${rest}/register`, { method: 'POST', body: JSON.stringify({ user: 'x', host: 'agents.localhost', password: 'y' }) });
  assert.equal(status, 403);
});
