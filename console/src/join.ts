// SPDX-License-Identifier: Apache-2.0
// Takes an invitation: whoever was given its link chooses a password and, where they will or must, a
// second factor. The token stands behind the # of the address, which no browser sends; it is taken
// out of the address bar at once, and password and token are kept in the memory of this page alone.
import { button, el } from '../../widget/src/dom.ts';
import { ask } from './ask.ts';
import { formOf, meaning, p, second, show } from './page.ts';
import { qr } from './qr.ts';
import { fill, language, texts } from './texts.ts';

const PASSWORD_MIN = 12;

interface Invited {
  user: string;
  role: string;
  second_factor: boolean;
  expires_at: string;
}

/** Somebody whose password is chosen, and who is logged in for as long as this page needs. */
interface Known extends Invited {
  password: string;
  session: string;
  must: boolean; // have a second factor
}

const gone = (user = 'NAME') => show(texts.gone, p(texts.goneWhy), p(el('code', { class: 'secret' }, `lasnactl user reset ${user}`)));

// --- the password ---

function choose(token: string, invited: Invited): void {
  const password = el('input', { id: 'password', type: 'password', autocomplete: 'new-password', 'aria-describedby': 'rules', spellcheck: 'false' });
  const user = el('input', { id: 'user', autocomplete: 'username', readonly: '', value: invited.user });
  const shown = el('input', { type: 'checkbox' });
  shown.addEventListener('change', () => { password.type = shown.checked ? 'text' : 'password'; });
  const until = new Date(invited.expires_at).toLocaleString(language, { dateStyle: 'long', timeStyle: 'short' });
  const { form, wrong } = formOf(password, [
    el('label', { for: 'user' }, texts.user), user,
    el('label', { for: 'password' }, texts.password), password,
    el('ul', { id: 'rules' }, ...[texts.ruleLength, texts.ruleGuess, texts.ruleRepeat].map((rule) => el('li', {}, rule))),
    el('label', { class: 'check' }, shown, texts.show),
  ], texts.save, async () => {
    if ([...password.value].length < PASSWORD_MIN) return wrong(texts.short);
    const answer = await ask('POST', '/session/invitation', { invitation: token, password: password.value });
    if (answer.code === 'bad_invitation') gone(invited.user);
    else if (answer.code) wrong(meaning(answer, { bad_password: texts.weak, bad_field: texts.weak }));
    else await chosen({ ...invited, password: password.value, session: '', must: false });
  });
  show(fill(texts.welcome, invited.user), p(texts.choose, ' ', fill(texts.until, until)), form);
}

async function chosen(known: Known): Promise<void> {
  if (known.second_factor) return done(known); // a reset left it as it was
  const answer = await ask('POST', '/session', { user: known.user, password: known.password, bearer: true });
  if (answer.code) retry(known, meaning(answer), () => chosen(known));
  else await offer({ ...known, session: String(answer.body['token']), must: answer.body['second_factor_wanted'] === true });
}

const laterOf = (known: Known) => (known.must ? [] : [second(texts.later, () => void done(known))]);

/** The password is chosen all the same: what follows may be tried again, or left. */
function retry(known: Known, why: string, again: () => Promise<void>): void {
  show(texts.factor, el('p', { class: 'wrong', role: 'alert' }, why),
    el('div', { class: 'row' }, button(texts.again, () => void again()), ...laterOf(known)));
}

// --- the second factor ---

async function offer(known: Known): Promise<void> {
  const answer = await ask('POST', '/session/totp', { password: known.password }, known.session);
  if (answer.code) return retry(known, meaning(answer), () => offer(known));
  const secret = String(answer.body['secret']).toUpperCase(), uri = String(answer.body['uri']);
  const code = el('input', { id: 'code', class: 'code', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: '7' });
  const { form, wrong } = formOf(code, [el('label', { for: 'code' }, texts.code), code], texts.prove, async () => {
    const proven = await ask('POST', '/session/totp/prove', { code: code.value.replace(/\s/g, '') }, known.session);
    if (proven.code) wrong(meaning(proven, { wrong_code: texts.wrongCode, bad_field: texts.wrongCode }));
    else keep({ ...known, second_factor: true }, proven.body['recovery_codes'] as string[]);
  }, ...laterOf(known));
  show(texts.factor, p(texts.factorWhy), ...(known.must ? [p(texts.factorMust)] : []), p(texts.scan), qr(uri, texts.picture),
    p(el('a', { href: uri }, texts.here)), p(texts.type, el('span', { class: 'secret' }, secret.replace(/(.{4})(?=.)/g, '$1 '))), form);
}

function keep(known: Known, codes: string[]): void {
  const says = el('p', { role: 'status' });
  const copy = () => navigator.clipboard.writeText(codes.join('\n'))
    .then(() => { says.textContent = texts.copied; }, () => { says.textContent = texts.notCopied; });
  show(texts.codes, p(texts.codesWhy), el('ul', { class: 'codes' }, ...codes.map((code) => el('li', {}, code))), says,
    el('div', { class: 'row' }, button(texts.kept, () => void done(known)), second(texts.copy, () => void copy())));
}

// --- what is next ---

async function done(known: Known): Promise<void> {
  if (known.session) await ask('DELETE', '/session', undefined, known.session); // it was for this page alone
  const command = (words: string) => el('code', { class: 'secret' }, words);
  show(fill(texts.done, known.user), p(known.second_factor ? texts.doneFactor : texts.donePassword), el('h2', {}, texts.next),
    ...(known.role === 'admin' ? [p(texts.nextAdmin), command('lasnactl tenant add acme --name "Acme Oy" --origin https://acme.example'), command('lasnactl check')] : []),
    p(texts.nextApi, ' ', el('a', { href: '/api/v1/openapi.json' }, '/api/v1/openapi.json')),
    p(texts.nextLogin, ' ', el('code', {}, `POST ${location.origin}/api/v1/session`)),
    p(texts.nextClose));
}

// --- in ---

async function begin(token: string): Promise<void> {
  show(texts.title, p(texts.looking));
  const answer = await ask('POST', '/session/invitation/show', { invitation: token });
  if (answer.code === 'bad_invitation') gone();
  else if (answer.code)
    show(texts.title, el('p', { class: 'wrong', role: 'alert' }, meaning(answer)), el('div', { class: 'row' }, button(texts.again, () => void begin(token))));
  else choose(token, answer.body as unknown as Invited);
}

const token = location.hash.slice(1);
document.documentElement.lang = language;
history.replaceState(null, '', location.pathname);
if (/^[\w-]{43}$/.test(token)) void begin(token);
else show(texts.noLink, p(texts.noLinkWhy));
addEventListener('hashchange', () => location.reload()); // another link, in the same tab
