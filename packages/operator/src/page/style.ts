/** The page's style. Colours have a contrast of at least 4.5 to what is behind them, light and dark. */
export const style = `
:root { color-scheme: light dark; --fg: #1d2430; --soft: #596473; --bg: #f6f7f9; --card: #fff; --line: #dde2e8; --focus: #1a56db;
  --v4: #2a64a8; --v5: #a94b08; --good: #22703f; --attention: #7a5b00; --bad: #b3261e; --onbad: #fff; }
@media (prefers-color-scheme: dark) { :root { --fg: #e7ebf0; --soft: #a5b0be; --bg: #12161c; --card: #1b212a; --line: #323b47; --focus: #8ab4ff;
  --v4: #7db1f2; --v5: #ff9b57; --good: #66c990; --attention: #e0c352; --bad: #ff8279; --onbad: #12161c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--fg); font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
header, main, footer { max-width: 1160px; margin: 0 auto; padding: 0 16px; }
header { position: sticky; top: 0; z-index: 1; max-width: none; padding: 10px max(16px, calc((100% - 1128px) / 2)); background: var(--bg); border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 2px 16px; align-items: baseline; justify-content: space-between; }
footer { padding-bottom: 40px; }
h1 { font-size: 18px; margin: 0; } h2 { font-size: 17px; margin: 26px 0 10px; } h3 { font-size: 13px; font-weight: 600; margin: 0 0 4px; }
p { margin: 0; overflow-wrap: anywhere; }
[data-part='connection'] { display: flex; gap: 10px; align-items: baseline; flex-wrap: wrap; } .connection { font-size: 14px; }
.note { color: var(--soft); font-size: 13px; }
.good { color: var(--good); } .attention { color: var(--attention); } .bad { color: var(--bad); } .v4 { color: var(--v4); } .v5 { color: var(--v5); }
.old dd, .old .figure, .old .verdict, .old td, .old .journal, .old .banner { font-style: italic; } .old section { filter: grayscale(1); } .old section > h2::after { content: ' (old)'; font-weight: 400; color: var(--soft); }
.banner { margin-top: 12px; padding: 10px 14px; border: 1px solid var(--line); border-left: 6px solid currentColor; border-radius: 8px; background: var(--card); } .banner strong { margin-right: 4px; }
.say { min-height: 24px; margin-top: 8px; font-size: 14px; color: var(--soft); overflow-wrap: anywhere; }
section > h2 { scroll-margin-top: 80px; } #now h2 { margin-top: 6px; } [data-part='buttons'] { margin-bottom: 12px; }
.more { flex-basis: 100%; } .more[open] > summary { margin-bottom: 8px; } .drill { margin-bottom: 12px; padding: 8px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--card); } .drill ul { margin: 2px 0; padding-left: 20px; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(158px, 1fr)); gap: 10px; margin: 0 0 12px; }
.facts > div, figure, .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px; margin: 0; min-width: 0; }
dt { font-size: 13px; color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; } dd:not(.note) { font-size: 17px; line-height: 1.3; }
.timeline { list-style: none; display: flex; gap: 4px; margin: 0 0 12px; padding: 0; }
.timeline li { flex: 1 1 0; min-width: 0; padding: 8px 8px 6px; border-top: 5px solid var(--line); display: flex; flex-direction: column; overflow-wrap: anywhere; line-height: 1.3; }
.timeline .stop { font-weight: 600; } .timeline .standing { font-size: 12px; color: var(--soft); }
.timeline .behind { border-color: var(--good); } .timeline .present { border-color: var(--focus); background: var(--card); border-radius: 0 0 8px 8px; } .timeline .present .standing { color: var(--focus); font-weight: 700; }
.timeline .fell { border-color: var(--bad); } .timeline .fell .standing { color: var(--bad); font-weight: 700; }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
button, .more > summary { font: inherit; padding: 7px 14px; min-height: 40px; border-radius: 8px; border: 1px solid var(--soft); background: var(--card); color: var(--fg); cursor: pointer; }
.more > summary { width: fit-content; list-style-position: inside; }
button.grave { border-color: var(--bad); color: var(--bad); font-weight: 600; } dialog button.grave { background: var(--bad); color: var(--onbad); }
button:disabled, button[aria-disabled='true'] { opacity: .55; cursor: default; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.cards { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(230px, 100%), 1fr)); gap: 10px; margin: 10px 0 0; padding: 0; }
.card { color: var(--fg); font-size: 13px; } .card.decides { border: 2px solid var(--soft); } .card.decides.bad { border-color: var(--bad); } .card .figure { font-size: 22px; line-height: 1.2; } .card .verdict { font-weight: 600; }
.bar { position: relative; height: 14px; margin: 6px 0; background: var(--bg); border: 1px solid var(--line); border-radius: 4px; overflow: hidden; }
.bar i { position: absolute; top: 0; bottom: 0; } .bar .range { background: var(--soft); opacity: .35; } .bar .mark { width: 4px; margin-left: -2px; background: var(--fg); } .bar .limit { left: 50%; width: 0; border-left: 2px dashed var(--bad); }
@media (prefers-reduced-motion: no-preference) { .bar i { transition: left .3s, width .3s; } }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); gap: 10px; margin-top: 10px; }
.chart { min-height: 190px; } .chart .note { padding-top: 80px; text-align: center; } figcaption { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px; } .swatch { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; } caption { text-align: left; padding: 8px 10px 4px; font-size: 13px; color: var(--soft); }
th, td { padding: 5px 10px; text-align: right; border-top: 1px solid var(--line); white-space: nowrap; } thead th { border-top: 0; color: var(--soft); font-weight: 600; } th:first-child { text-align: left; } tbody th { font-weight: 500; }
.journal { list-style: none; margin: 10px 0 0; padding: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.journal li { display: grid; grid-template-columns: 56px 178px 92px minmax(0, 3fr) minmax(0, 2fr); gap: 2px 10px; padding: 6px 12px; border-top: 1px solid var(--line); overflow-wrap: anywhere; font-size: 14px; } .journal li:first-child { border-top: 0; }
dialog { width: min(480px, calc(100vw - 24px)); max-height: calc(100vh - 24px); overflow: auto; padding: 18px; border: 1px solid var(--line); border-radius: 12px; background: var(--card); color: var(--fg); } dialog::backdrop { background: rgb(0 0 0 / .55); }
dialog h2 { margin: 0 0 6px; } .field { margin-top: 12px; } .field label { display: block; font-weight: 600; } .check { display: block; margin-top: 12px; }
input:not([type='checkbox']), textarea { width: 100%; font: inherit; padding: 8px 10px; border: 1px solid var(--soft); border-radius: 8px; background: var(--bg); color: var(--fg); }
.failure { color: var(--bad); margin-top: 12px; min-height: 24px; } dialog .buttons { justify-content: flex-end; }
@media (max-width: 720px) { .timeline { flex-direction: column; gap: 2px; } .timeline li { flex-direction: row; flex-wrap: wrap; gap: 0 10px; align-items: baseline; border-top: 0; border-left: 5px solid var(--line); padding: 4px 10px; } .timeline .present { border-radius: 0 8px 8px 0; }
  .timeline .behind { border-color: var(--good); } .timeline .present { border-color: var(--focus); } .timeline .fell { border-color: var(--bad); } .timeline .stop { min-width: 84px; } .timeline .standing { margin-left: auto; }
  .journal li { grid-template-columns: auto 1fr; } .journal li > :nth-child(n + 3) { grid-column: 1 / -1; } .facts { grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); } header { position: static; } }
`;
