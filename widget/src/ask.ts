// SPDX-License-Identifier: Apache-2.0
// Somebody has bought: asks them to answer the survey of buyers, whether they chatted or not. It stands
// on the site's page beside the loader, and is fetched only where the tenant asks buyers and the
// page tells of a purchase. Nothing is kept on the device.
import { bubble, labelsOf, langOf, styled } from './bubble.ts';
import type { Config, SiteEvent } from './bridge.ts';

export async function ask(config: Config, service: string, root: ShadowRoot, { id, value, currency }: SiteEvent): Promise<void> {
  if (!id) return; // one answer an order, so it must have a name
  const order = new URLSearchParams({ id, ...(value && currency && { value: String(value), currency }) });
  // A module, so that a site's policy needs no more than it allows us already. '': there is nothing to ask.
  const { default: path } = (await import(`${service}/s/${config.tenant}/ask.js?${order}`).catch(() => ({}))) as { default?: string };
  if (!path || !root.host.isConnected) return;
  const link = document.createElement('a');
  link.href = `${service}${path}?lang=${langOf(root)}`;
  link.target = '_blank';
  link.rel = 'noopener';
  link.textContent = labelsOf(config, root)[4]!;
  styled(root);
  const asked = bubble(config, root, link);
  link.addEventListener('click', () => asked.remove());
}
