/** How our own page looks and what its filter does. */

export const style = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--dim:#59636e;--line:#d1d9e0;--soft:#f6f8fa;--green:#1a7f37;--red:#cf222e;--amber:#9a6700;--gray:#59636e;--violet:#8250df;--blue:#0969da}
@media(prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--dim:#9198a1;--line:#3d444d;--soft:#151b23;--green:#3fb950;--red:#f85149;--amber:#d29922;--gray:#9198a1;--violet:#ab7df8;--blue:#4493f8}}
*{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,sans-serif;background:var(--bg);color:var(--fg)}
header,main{max-width:1200px;margin:0 auto;padding:1rem}header{border-bottom:1px solid var(--line)}h1{font-size:1.5rem;margin:.2em 0}h2{font-size:1.15rem;margin:1.6em 0 .6em}
code,pre{font:13px/1.45 ui-monospace,monospace;background:var(--soft);border-radius:4px;padding:.1em .35em}pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.5em;margin:.3em 0;max-height:16em;overflow:auto}
.chips{display:flex;flex-wrap:wrap;gap:.5rem;padding:0;margin:.6rem 0;list-style:none}.chip{border:1px solid currentColor;border-radius:999px;padding:.15rem .8rem}
.proved{color:var(--green)}.refuted{color:var(--red)}.unknown{color:var(--amber)}.unsupported,.superseded{color:var(--gray)}.missing{color:var(--violet)}.needs-people{color:var(--blue)}
.badge{font-weight:600;white-space:nowrap}.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:6px;margin:.6rem 0}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line)}thead th{background:var(--soft);position:sticky;top:0}tbody tr:last-child>*{border-bottom:0}tbody th{white-space:nowrap}
td:last-child{color:var(--dim);min-width:12rem}td ul{padding-left:1.2em}summary{cursor:pointer}main>section>details{margin:.3rem 0}input{font:inherit;color:inherit;background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.35rem .6rem;width:min(26rem,100%)}
`.trim()

export const script = `
const filter=document.getElementById('filter');
filter?.addEventListener('input',()=>{const wanted=filter.value.toLowerCase();for(const row of document.querySelectorAll('#verdicts tbody tr'))row.hidden=!row.textContent.toLowerCase().includes(wanted)});
`.trim()
