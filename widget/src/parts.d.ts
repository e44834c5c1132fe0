// SPDX-License-Identifier: Apache-2.0
declare module '*.part.css' {
  const text: string; // minified by the build
  export default text;
}
