// SPDX-License-Identifier: Apache-2.0
// Many tenants at once, by one document, as an operator brings them.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { until } from './instance.mjs';

export const names = (count) => Array.from({ length: count }, (_, i) => `tenant-${String(i + 1).padStart(3, '0')}`);

/** Applies a document with these; resolves when each serves its widget and is linked. */
export async function provision(instance, tenants) {
  const file = join(instance.home, 'tenants.json');
  await writeFile(file, JSON.stringify({ lasna: 'tenants/1', agents: [], tenants: tenants.map((tenant) => ({
    tenant, name: `The Company ${tenant}`, languages: ['en', 'fi'], sites: [{ origins: [`https://${tenant}.example`], settings: {} }],
    settings: { 'widget.color': '#123456' }, agents: [] })) }));
  await instance.control('apply', '-f', file, '--yes');
  await until(async () => {
    const { tenants: all } = await instance.control('status');
    return tenants.every((name) => all.find(({ tenant }) => tenant === name)?.link === 'up');
  }, { what: 'every link' });
  for (const tenant of tenants) // web hears of them from the core, and may be a moment behind
    await until(async () => (await fetch(`${instance.http}/w/${tenant}.js`)).status === 200, { what: `the widget of ${tenant}` });
}
