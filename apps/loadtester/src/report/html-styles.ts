/** Style sheet of the report. */
export const STYLES = `
:root{color-scheme:light dark;--text:#1c2330;--soft:#5c6675;--paper:#fff;--panel:#f5f7fa;--rule:#dde2e9;--a:#1f6feb;--b:#a35f00;--c:#a333c8;--bad:#d1242f;--ok:#1a7f37}
@media (prefers-color-scheme:dark){:root{--text:#e4e8ee;--soft:#98a2b1;--paper:#12161c;--panel:#1a2029;--rule:#2c343f;--a:#5aa2ff;--b:#e8a13a;--c:#d08cf0;--bad:#ff6b6b;--ok:#4ac26b}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--text);font:15px/1.5 system-ui,sans-serif}
main{max-width:1240px;margin:0 auto;padding:24px 16px 48px}h1{margin:0;font-size:24px}h2{font-size:16px;margin:28px 0 8px}
.sub{color:var(--soft);margin:4px 0;overflow-wrap:anywhere}.verdict{float:right;margin:4px 0;padding:2px 12px;border-radius:999px;color:#fff;font-weight:600}
.verdict{background:#6a737d}.verdict.ok{background:#1a7f37}.verdict.missed{background:#c1202b}.warning{border-left:4px solid var(--b);background:var(--panel);padding:8px 12px}
.figures{display:grid;grid-template-columns:repeat(4,1fr);gap:8px}.figures div{background:var(--panel);border-radius:8px;padding:10px 12px}
dt{color:var(--soft);font-size:13px}dd{margin:0;font-size:20px;font-variant-numeric:tabular-nums}.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}th,td{padding:6px 8px;text-align:left;border-bottom:1px solid var(--rule)}
th,.number{white-space:nowrap}td{overflow-wrap:anywhere;min-width:4em}td:nth-child(2){min-width:7em}
th{color:var(--soft);font-weight:500;font-size:13px}.number{text-align:right;font-variant-numeric:tabular-nums}
figure{margin:0}svg{width:100%;height:auto;display:block}.grid{stroke:var(--rule)}.tick{fill:var(--soft);font-size:11px}
.line{fill:none;stroke-width:1.8;stroke-linejoin:round}.line.a{stroke:var(--a)}.line.b{stroke:var(--b)}.line.c{stroke:var(--c)}.line.bad{stroke:var(--bad)}
figcaption{color:var(--soft);font-size:13px}.key{margin-right:14px}.key::before{content:"";display:inline-block;width:14px;height:3px;margin-right:6px;vertical-align:middle;background:currentColor}
.key.a{color:var(--a)}.key.b{color:var(--b)}.key.c{color:var(--c)}.key.bad{color:var(--bad)}.unit{float:right}
@media(max-width:560px){.figures{grid-template-columns:repeat(2,1fr)}figure{overflow-x:auto}svg{min-width:640px}.tick{font-size:13px}}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:0 24px}
@media print{:root{color-scheme:light}}`
