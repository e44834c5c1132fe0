/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/report/page.h"

/* Both themes from one set of names; paper is always light. */
/* clang-format off: it breaks lines anywhere. */
static const char style[] =
    ":root{--bg:#fff;--ink:#1c1d20;--soft:#5b5f68;--line:#dfe1e6;--grid:#eceef1;--card:#f6f7f9;"
    "--visitor:#1f6fd0;--agent:#c8541a;--one:#3b7d5c}"
    "@media screen and (prefers-color-scheme:dark){:root{--bg:#16181c;--ink:#e9eaec;"
    "--soft:#a3a8b3;--line:#363a43;--grid:#272b32;--card:#1e2127;--visitor:#6aa8f5;"
    "--agent:#f0935a;--one:#6fc49b}}"
    "html{background:var(--bg)}"
    "body{color:var(--ink);background:var(--bg);"
    "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
    "max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}"
    "h1{font-size:1.75rem;line-height:1.2;margin:0 0 .25rem}"
    "h2{font-size:1.25rem;margin:2.75rem 0 .25rem;padding-top:1rem;"
    "border-top:1px solid var(--line)}"
    "h3{font-size:1rem;margin:1.75rem 0 .25rem}p{margin:.5rem 0;max-width:46rem}"
    ".soft,.legend,.note{color:var(--soft)}.note{font-size:.875rem}.legend{font-size:.875rem}"
    ".legend svg{vertical-align:-1px;margin-left:.75rem}.legend svg:first-child{margin-left:0}"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;"
    "margin:1.25rem 0}"
    ".tiles div{background:var(--card);border:1px solid var(--line);border-radius:8px;"
    "padding:.75rem .9rem}"
    ".tiles b{display:block;font-size:1.3rem;line-height:1.35;font-weight:600;white-space:nowrap}"
    ".tiles span{font-size:.8125rem;color:var(--soft);display:block}.wide{overflow-x:auto}"
    "table{border-collapse:collapse;width:100%;font-size:.875rem;margin:.5rem 0;"
    "font-variant-numeric:tabular-nums}"
    "th,td{text-align:left;padding:.28rem .6rem .28rem 0;border-bottom:1px solid var(--grid);"
    "vertical-align:top}td:first-child{min-width:7.5rem}"
    "th{font-weight:600;color:var(--soft);border-bottom-color:var(--line)}"
    ".n{text-align:right;padding-right:1rem;white-space:nowrap}.i,.few{color:var(--soft)}"
    ".few{font-style:italic}tr.g td{font-weight:600;background:var(--card)}"
    "svg[role=img]{display:block;max-width:100%;min-width:40rem;height:auto;margin:.75rem 0}"
    "svg text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
    "fill:var(--soft)}"
    "svg .l,svg .v{fill:var(--ink)}svg .few{font-style:italic}"
    ".axis{stroke:var(--soft);stroke-width:1}.grid{stroke:var(--grid);stroke-width:1}"
    ".ci{stroke-width:3;stroke-linecap:round;opacity:.4}.s{fill:none;stroke-width:2}"
    ".visitor{stroke:var(--visitor)}.agent{stroke:var(--agent)}.one{stroke:var(--one)}"
    ".m{stroke:var(--bg);stroke-width:1.5}.m.visitor{fill:var(--visitor)}"
    ".m.agent{fill:var(--agent)}.m.one{fill:var(--one)}"
    ".warn{border-left:4px solid var(--agent);background:var(--card);padding:.6rem .9rem;"
    "margin:1rem 0}"
    "code{overflow-wrap:anywhere}time{white-space:nowrap}"
    "@media "
    "print{body{max-width:none;padding:0;font-size:11pt}h2,h3,.legend{break-after:avoid}svg[role="
    "img]{min-width:0}"
    "svg,tr,.fig,.tiles "
    "div,.warn{break-inside:avoid}.wide{overflow:visible}table{font-size:8pt}th,td{"
    "padding-right:.35rem}.n{padding-right:.5rem}.n.i{white-space:normal}}";
/* clang-format on */

void page_begin(struct buf *to, const char *what, const char *of_whom)
{
    AUTO_BUF title;

    buf_init(&title, 4096);
    buf_add_xml(&title, slice_of(what));
    buf_add_xml(&title, slice_of(of_whom));
    buf_addf(to,
             "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
             "name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" "
             "content=\"light dark\"><title>%.*s</title><style>%s</style></head><body><main>\n"
             "<h1>%.*s</h1>",
             SLICE_ARG(buf_slice(&title)), style, SLICE_ARG(buf_slice(&title)));
}

void page_end(struct buf *to)
{
    buf_add_text(to,
                 "<p class=\"note\">Made by Läsnä " LASNA_VERSION ".</p></main></body></html>\n");
}
