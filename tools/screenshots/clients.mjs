// SPDX-License-Identifier: Apache-2.0
// The pictures of the agents' guide: real XMPP clients at work on a real instance, driven by their
// keys. Each client is a story of its own below.
//
//     node tools/screenshots/clients.mjs OUTDIR [NAME]
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';

import { Instance, root, until } from '../../tests/support/instance.mjs';
import { Profanity } from '../../tests/support/profanity.mjs';
import { Visitor } from '../../tests/support/visitor.mjs';
import { Screen } from './screen.mjs';
import { small } from './small.mjs';

const [out, wanted] = process.argv.slice(2);
const DESK = 'desk@acme.chat.localhost', ME = 'anna@agents.localhost';
const WIDTH = 1000, HEIGHT = 520;
const QUESTION = 'Hei, paljonko Pro maksaa?', ANSWER = 'Hei Maria! Pro on 29 euroa kuussa.', THANKS = 'Kiitos, mahtavaa!';

const keep = (name, bytes) => writeFileSync(join(out, `${name}.png`), small(bytes));

const shown = (instance, visitor) => instance.control('conversation', 'show', 'acme', visitor.conversation);

const isOffered = async (instance, visitor) => (await instance.exported('acme'))
  .some(({ id, events }) => id === visitor.conversation && events.some(({ type }) => type === 'offered'));

/** Maria, with her question; resolves once somebody is asked to take it. */
async function maria(instance) {
  await instance.control('tenant', 'set', 'acme', 'routing.offer_ms=600000');
  const visitor = new Visitor(instance, { name: 'Maria', lang: 'fi' });
  await visitor.connect();
  await visitor.say(QUESTION);
  await until(() => isOffered(instance, visitor), { seconds: 60, what: 'an offer' });
  const { visitor: { id } } = await shown(instance, visitor);
  return Object.assign(visitor, { contact: `v${id}@acme.chat.localhost` });
}

/** The client `type`s, in two chats that `open` shows: takes the offer, answers. Maria thanks. */
async function serve(instance, { open, type }) {
  const visitor = await maria(instance);
  await open(DESK);
  await type('ok');
  await until(async () => (await shown(instance, visitor)).state === 'active', { seconds: 60, what: 'a taken conversation' });
  await open(visitor.contact);
  await type(ANSWER);
  await visitor.hears(ANSWER, { seconds: 30 });
  await visitor.say(THANKS);
  return visitor;
}

const reaction = (visitor, whose, seconds = 30) => visitor.next(({ type, from }) => type === 'reaction' && from === whose, { seconds });

/** Maria puts an emoji beside the answer. */
async function react(visitor) {
  visitor.send({ type: 'react', seq: 2, emojis: ['👍'] });
  await reaction(visitor, 'visitor');
}

const received = (visitor) => visitor.next((frame) => frame.type === 'receipt', { seconds: 30 });

async function typeLine(screen, words) {
  await screen.type(words);
  await screen.press('Return');
}

/** An account of Gajim's, and no dialog of its first start. */
async function setUpGajim(instance, screen) {
  const account = { name: 'anna', hostname: 'agents.localhost', account_label: 'Anna', password: await instance.password('anna'), savepass: true,
                    active: true, autoconnect: true, use_custom_host: true, custom_host: '127.0.0.1', custom_port: instance.about.xmpp.c2s_port,
                    custom_type: 'PLAIN', use_plain_connection: true, confirm_unencrypted_connection: false };
  const app = { use_keyring: false, autoaway: false, autoxa: false, check_for_update: false, show_main_window_on_startup: 'always' };
  const workspace = { '6f2a3c60-0000-4000-8000-000000000001': { name: 'Desk', color: 'rgb(30, 90, 160)', avatar_sha: '', chats: [] } };
  const text = (value) => `'${JSON.stringify(value).replaceAll("'", "''")}'`;
  const settings = screen.write('.config/gajim/settings.sql', `
    CREATE TABLE settings (name TEXT UNIQUE, settings TEXT);
    CREATE TABLE account_settings (account TEXT UNIQUE, settings TEXT);
    INSERT INTO settings VALUES ('app', ${text(app)}), ('workspaces', ${text(workspace)}),
      ('soundevents', '{}'), ('status_presets', '{}'), ('proxies', '{}'), ('plugins', '{}');
    INSERT INTO account_settings VALUES ('anna', ${text({ account, contact: {}, group_chat: {} })});
    PRAGMA user_version = 5;`);
  await screen.run('sqlite3', join(screen.home, '.config/gajim/settings.sqlite'), `.read ${settings}`);
}

/** The invitation into Acme's team room, as its account page shows it: resolves with the window. */
async function invitationInGajim(screen) {
  await screen.click([34, 506]);
  return until(async () => {
    await screen.click([810, 450]);
    return screen.window('Invitation', { seconds: 5 }).catch(() => null);
  }, { seconds: 60, what: 'the invitation' });
}

/** Dino speaks TLS only, to the port of its name: resolves with a function that starts it there. */
async function setUpDino(instance, screen) {
  await offerTls(instance);
  const over = { '/etc/ssl/certs/ca-certificates.crt': instance.about.ca,
                 '/etc/resolv.conf': screen.write('resolv.conf', 'nameserver 127.0.0.1\n') };
  const start = () => screen.start('dino-im', [], over);
  const first = start(); // makes its database
  const sql = (text) => screen.run('sqlite3', join(screen.home, '.local/share/dino/dino.db'), text);
  await until(() => sql('SELECT count(*) FROM account').catch(() => false), { what: "Dino's database" });
  await screen.window('Dino');
  await screen.stop(first);
  const insert = `INSERT INTO account (bare_jid, resourcepart, password, alias, enabled) VALUES ('${ME}', 'dino', '${await instance.password('anna')}', 'Anna', 1);`;
  const file = screen.write('account.sql', insert);
  await sql(`.read ${file}`);
  return start;
}

/** Prosody, as it is set up for agents elsewhere: with TLS. */
async function offerTls(instance) {
  const file = join(instance.home, 'xmpp', 'prosody.cfg.lua'), tls = join(instance.home, 'tls', 'names', 'agents.localhost');
  execFileSync(join(root, 'certs', 'make-dev-ca.sh'), [join(instance.home, 'tls'), 'agents.localhost'], { stdio: 'ignore' });
  writeFileSync(file, readFileSync(file, 'utf8').replace('"s2s"; "tls"', '"s2s"').replace('"roster";', '"tls"; "roster";')
    .replace('c2s_require_encryption', `ssl = { certificate = "${tls}/fullchain.pem"; key = "${tls}/privkey.pem" }\nc2s_require_encryption`));
  await instance.kill('xmpp', 'SIGTERM');
  await instance.startXmpp();
}

/** Beside her question, the second line there: what can be done with it stands at its right. */
async function reactInDino(screen, visitor) {
  await screen.click([520, 338], [940, 338], [963, 327]);
  await screen.type('thumbs up');
  await until(async () => {
    await screen.click([800, 465]);
    return reaction(visitor, 'agent', 5).catch(() => null);
  }, { seconds: 60, what: 'a reaction by hand' });
}

const stories = {
  async profanity(instance, screen) {
    const client = await Profanity.start(screen.home);
    try {
      screen.start('xterm', ['-fa', 'DejaVu Sans Mono', '-fs', '11', '-geometry', '118x26+0+0', '-bg', '#14181d', '-fg', '#d8dee6', '+sb',
        '-e', 'tmux', '-u', '-S', client.socket, 'attach']);
      await client.login(instance, 'anna');
      await client.shows('Acme Oy');
      const type = (text) => client.line(text);
      const visitor = await serve(instance, { open: (jid) => type(`/msg ${jid}`), type });
      await client.shows(THANKS);
      await type('!transfer x');
      await client.shows('no command !transfer');
      await type('!tag pricing');
      await client.shows('Tags: pricing');
      keep('profanity', await screen.picture(await screen.window('tmux')));
      await visitor.close();
    } finally {
      await client.stop();
    }
  },

  async gajim(instance, screen) {
    await setUpGajim(instance, screen);
    screen.start('gajim', []);
    const main = await screen.window('^Gajim$');
    await screen.place(main, WIDTH, HEIGHT);
    const act = (action, argument) => screen.act('org.gajim.Gajim', action, argument);
    const invitation = await invitationInGajim(screen);
    await screen.leave();
    keep('gajim-invitation', await screen.picture(invitation));
    await screen.press('Escape');
    const open = (jid) => act('open-chat', `['anna', '${jid}']`).then(() => screen.picture());
    const visitor = await serve(instance, { open, type: (words) => typeLine(screen, words) });
    await received(visitor);
    await react(visitor);
    // It asks for pictures at leisure: two desks and a visitor have one.
    await until(() => readdirSync(join(screen.home, '.cache/gajim/avatars')).length >= 3, { seconds: 90, what: 'the pictures of the contacts' });
    keep('gajim', await screen.picture(main));
    await act('anna-execute-command', `'${visitor.contact}'`);
    const dialog = await screen.window('Command');
    keep('gajim-commands', await screen.picture(dialog));
    await screen.press('Down', 'Down', 'Down', 'Down', 'Return');
    keep('gajim-form', await screen.picture(dialog));
    await visitor.close();
  },

  async dino(instance, screen) {
    const start = await setUpDino(instance, screen);
    const relay = createServer((client) => pipeline(client, connect(instance.about.xmpp.c2s_port, '127.0.0.1'), client, () => {}));
    await new Promise((done, fail) => relay.once('error', fail).listen(5222, '127.0.0.1', done));
    start();
    const main = await screen.window('Dino');
    await screen.place(main, WIDTH, HEIGHT);
    const open = async (jid) => {
      await screen.picture(); // what comes while it opens a chat it does not show
      await screen.open('im.dino.Dino', `xmpp:${jid}?message`);
      await screen.picture();
    };
    const visitor = await serve(instance, { open, type: (words) => typeLine(screen, words) });
    await received(visitor);
    await reactInDino(screen, visitor);
    await react(visitor);
    await screen.leave();
    keep('dino', await screen.picture(main));
    await visitor.close();
    relay.close();
  },
};

for (const [name, story] of Object.entries(stories)) {
  if (wanted && !name.includes(wanted)) continue;
  console.error(`screenshots: ${name}`);
  const instance = await Instance.start(), screen = await Screen.open(1180, 720);
  try {
    await story(instance, screen);
  } catch (error) {
    const seen = join(root, 'build', `screenshots-${name}.png`);
    writeFileSync(seen, await screen.picture());
    console.error(`screenshots: the screen as it was then: ${seen}`);
    throw error;
  } finally {
    await screen.close();
    await instance.stop();
  }
}
