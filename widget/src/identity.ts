// SPDX-License-Identifier: Apache-2.0
// Whom the site says its visitor is. The server alone believes it or not; here it only decides
// whether the person in front of the chat has changed.

/** The subject of a JWT, unchecked, as its bytes: enough to tell people apart. '' when there is none. */
export function subjectOf(token: string | undefined): string {
  try {
    const claims = (token ?? '').split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/');
    const { sub } = JSON.parse(atob(claims));
    return typeof sub === 'string' ? sub : '';
  } catch {
    return '';
  }
}

/** A short name for what the device keeps of this person, which does not tell who it is. */
export function shelfOf(subject: string): string {
  let hash = 0x811c9dc5;
  for (const char of subject) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  return subject ? `:${hash.toString(36)}` : '';
}
