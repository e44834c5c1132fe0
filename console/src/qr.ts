// SPDX-License-Identifier: Apache-2.0
/*! Holds qrcode-generator, copyright (c) 2009 Kazuhiko Arase, MIT licence: see the service's copyright file. */
// A text as a picture for a phone's camera. Nobody else is asked to draw it: it may be a secret.
import qrcode from 'qrcode-generator';

const SVG = 'http://www.w3.org/2000/svg';
const QUIET = 4; // modules of white around it, without which some cameras see nothing

export function qr(text: string, label: string): SVGElement {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  let path = '';
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      if (code.isDark(row, column)) path += `M${column} ${row}h1v1h-1z`;
  const picture = document.createElementNS(SVG, 'svg');
  const dark = document.createElementNS(SVG, 'path');
  picture.setAttribute('viewBox', `${-QUIET} ${-QUIET} ${size + 2 * QUIET} ${size + 2 * QUIET}`);
  picture.setAttribute('class', 'qr');
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', label);
  picture.setAttribute('shape-rendering', 'crispEdges');
  dark.setAttribute('d', path);
  dark.setAttribute('fill', '#000');
  picture.append(dark);
  return picture;
}
