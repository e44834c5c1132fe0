// SPDX-License-Identifier: Apache-2.0
// A picture as it goes into the repository: of 255 colours. It shows as well, and weighs a third.
import { execFileSync } from 'node:child_process';

const AS = ['-dither', 'None', '-colors', '255', '-define', 'png:compression-level=9', '-define', 'png:exclude-chunk=all'];

export const small = (png) => execFileSync('convert', ['png:-', ...AS, 'png8:-'], { input: png, maxBuffer: 1 << 26 });
