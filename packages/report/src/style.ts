/** The page's style; the charts take their colours from it. */
export const style = `
:root { color-scheme: light dark; --fg: #1d2430; --soft: #5b6675; --bg: #f6f7f9; --card: #fff; --line: #dde2e8;
  --v4: #2f6db5; --v5: #c2590f; --agree: #4b9a6a; --pending: #b6a23a; --unjudged: #99a1ad; --differ: #8a55b5; --critical: #c0392b; }
@media (prefers-color-scheme: dark) { :root { --fg: #e7ebf0; --soft: #9fabba; --bg: #12161c; --card: #1b212a; --line: #323b47;
  --v4: #6fa8ee; --v5: #ff9b57; --agree: #5fbf86; --pending: #d6c356; --unjudged: #78828f; --differ: #c79bf0; --critical: #ff6b5e; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--fg); font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
header, main { max-width: 1160px; margin: 0 auto; padding: 0 16px; }
header { padding-top: 20px; }
h1 { font-size: 22px; margin: 0; } h2 { font-size: 17px; margin: 28px 0 10px; } h3 { font-size: 13px; font-weight: 600; margin: 0 0 6px; }
header p { margin: 2px 0 0; color: var(--soft); }
.advice { margin-top: 16px; padding: 14px 16px; border-radius: 8px; background: var(--card); border: 1px solid var(--line); border-left: 6px solid var(--soft); }
.advice h2 { margin: 0; font-size: 22px; } .advice p { margin: 4px 0 0; overflow-wrap: anywhere; }
.promote { border-left-color: var(--agree); } .promote h2 { color: var(--agree); }
.hold { border-left-color: var(--pending); }
.roll_back { border-left-color: var(--critical); } .roll_back h2 { color: var(--critical); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin-top: 12px; }
.tile, figure { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px; margin: 0; min-width: 0; }
.tile p { margin: 0; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; } .tile .figure { font-size: 24px; line-height: 1.2; color: var(--fg); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); gap: 10px; align-items: start; }
figure svg { display: block; width: 100%; height: auto; max-width: 480px; margin: 0 auto; color: var(--fg); overflow: visible; }
figcaption { color: var(--soft); font-size: 13px; margin-top: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 0 0 10px; font-size: 13px; } .legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; } th, td { padding: 6px 10px; text-align: right; border-top: 1px solid var(--line); white-space: nowrap; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; } th:first-child { text-align: left; } tbody th { font-weight: 500; }
.checks td, .checks th { text-align: left; vertical-align: top; } .checks td:last-child { white-space: normal; min-width: 220px; }
td.v4 { color: var(--v4); } td.v5 { color: var(--v5); } td.pass { color: var(--agree); } td.fail { color: var(--critical); font-weight: 700; } td.not_enough { color: var(--soft); }
@media (max-width: 640px) { .checks thead { display: none; } .checks, .checks tbody, .checks tr, .checks th, .checks td { display: block; }
  .checks tr { padding: 8px 10px; border-top: 1px solid var(--line); } .checks tr:first-child { border-top: 0; } .checks th, .checks td { border: 0; padding: 0; white-space: normal; } .checks td:last-child { color: var(--soft); min-width: 0; } }
main > section > p { color: var(--soft); } main { padding-bottom: 40px; }
`;
