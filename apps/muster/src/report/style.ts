/**
 * How a report looks: on light and dark screens, on paper, on a phone. No
 * script, no font and no picture from anywhere else.
 */

/** Nothing is loaded and nothing runs, whatever is in the page. */
export const SECURITY_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The style sheet. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1c2126; --dim: #5d6770; --line: #dde2e6;
  --soft: #f4f6f8; --good: #1a7f37; --bad: #c22f2f; --info: #0b6bcb;
  --heat: 24 112 214;
  --c0: #1769d2; --c1: #c8561b; --c2: #218a4f; --c3: #8a4fc9;
  --c4: #a8760a; --c5: #0e8a96; --c6: #c23b77; --c7: #66707a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --ink: #e4e8eb; --dim: #98a3ad; --line: #2e353c;
    --soft: #1d2328; --good: #4bc26d; --bad: #ff7b72; --info: #6cb2ff;
    --heat: 86 160 255;
    --c0: #6aabff; --c1: #f39a62; --c2: #5cc98a; --c3: #c39bf5;
    --c4: #e0b350; --c5: #4fc6d2; --c6: #f088b6; --c7: #a3adb6;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 3rem; max-width: 60rem;
  background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.6rem 0 .8rem; padding-top: .9rem;
  border-top: 1px solid var(--line); }
p { margin: .6rem 0; max-width: 48rem; overflow-wrap: anywhere; }
.tiles { display: grid; gap: .75rem; margin: 1.25rem 0; padding: 0;
  grid-template-columns: repeat(auto-fit, minmax(8.6rem, 1fr)); }
.tile { background: var(--soft); border-radius: 8px; padding: .65rem .8rem; }
.tile dt { color: var(--dim); font-size: .8rem; }
.tile dd { margin: 0; font-size: 1.2rem; font-weight: 600; overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums; }
.tile dd.long { font-size: .8rem; line-height: 2.2; }
.tile small { display: block; color: var(--dim); font-size: .8rem; font-weight: 400; }
.note { border-left: 4px solid var(--info); background: var(--soft);
  border-radius: 0 6px 6px 0; padding: .55rem .9rem; }
.note.good { border-color: var(--good); } .note.bad { border-color: var(--bad); }
.scroll { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .88rem;
  font-variant-numeric: tabular-nums; }
th, td { padding: .32rem .8rem .32rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 500; white-space: nowrap; }
thead th:not([scope="row"]) { white-space: normal; vertical-align: bottom; }
td { overflow-wrap: anywhere; } thead + tbody td { overflow-wrap: normal; }
thead + tbody td:first-child { white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; }
tr.marked td, tr.marked th { background: color-mix(in srgb, var(--c4) 16%, transparent); }
figure { margin: 1rem 0; break-inside: avoid; }
figure .scroll { margin: 0; }
figcaption { color: var(--dim); font-size: .85rem; margin-top: .3rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--ink); font-size: 12px; font-family: inherit; }
svg text.dim { fill: var(--dim); } svg text.on { fill: var(--paper); font-weight: 600; } svg text.bad { fill: var(--bad); font-weight: 600; }
svg .grid { stroke: var(--line); } svg .axis { stroke: var(--dim); }
svg .epoch { stroke: var(--dim); stroke-dasharray: 3 4; opacity: .55; }
svg .fault { fill: var(--bad); }
svg path.line, svg line.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
svg path.under { fill: none; stroke-width: 7; opacity: .4; }
svg path.faint { fill: none; stroke-width: 1; opacity: .28; }
svg .c0 { stroke: var(--c0); } svg .c1 { stroke: var(--c1); }
svg .c2 { stroke: var(--c2); } svg .c3 { stroke: var(--c3); }
svg .c4 { stroke: var(--c4); } svg .c5 { stroke: var(--c5); }
svg .c6 { stroke: var(--c6); } svg .c7 { stroke: var(--c7); }
svg circle.dots { fill: var(--paper); stroke-width: 2.5; }
svg rect { stroke: none !important; }
svg rect.c0 { fill: var(--c0); } svg rect.c1 { fill: var(--c1); }
svg rect.c2 { fill: var(--c2); } svg rect.c3 { fill: var(--c3); }
svg rect.c4 { fill: var(--c4); } svg rect.c5 { fill: var(--c5); }
svg rect.c6 { fill: var(--c6); } svg rect.c7 { fill: var(--c7); }
svg rect.up { fill: var(--c0); opacity: .45; } svg rect.lost { fill: var(--bad); }
svg rect.cut { fill: var(--soft); }
svg .checkpoint { stroke: var(--c2); stroke-width: 2; }
.confusion td, .confusion th { padding: .3rem .5rem; text-align: right;
  border: 0; min-width: 2.9rem; }
.confusion td { background: rgb(var(--heat) / var(--share, 0)); border-radius: 3px; }
.confusion td.zero { color: var(--dim); opacity: .5; }
.confusion td.right { font-weight: 600; outline: 1px solid var(--line); }
.examples { display: grid; gap: .75rem; padding: 0; margin: .8rem 0; list-style: none;
  grid-template-columns: repeat(auto-fill, minmax(12.5rem, 1fr)); }
.examples li { display: flex; gap: .7rem; background: var(--soft); border-radius: 8px;
  padding: .6rem; break-inside: avoid; font-size: .85rem; }
.examples img { width: 70px; height: 70px; object-fit: contain; border-radius: 4px;
  image-rendering: pixelated; background: #fff; flex: none; }
.examples .bars { display: grid; grid-template-columns: auto 1fr auto; gap: 0 .4rem;
  align-items: center; margin-top: .2rem; font-variant-numeric: tabular-nums; }
.examples .bar { height: .5rem; border-radius: 2px; background: var(--c7);
  width: calc(var(--share) * 100%); min-width: 1px; }
.examples .bar.label { background: var(--good); } .examples .bar.answer { background: var(--bad); }
pre { background: var(--soft); border-radius: 6px; padding: .8rem 1rem; overflow-x: auto;
  font: .83rem/1.5 ui-monospace, "SFMono-Regular", Menlo, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }
footer { margin-top: 3rem; color: var(--dim); font-size: .85rem; }
@media print {
  body { max-width: none; padding: 0; font-size: 11px; }
  h2 { break-after: avoid; } table, .tile, li { break-inside: avoid; }
  * { print-color-adjust: exact; }
}
@media (max-width: 36rem) { body { padding: 1.2rem .9rem 2rem; } svg { min-width: 36rem; } svg text { font-size: 13px; } }
`.trim();
