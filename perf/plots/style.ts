/** How plots look: on a page they take its variables, alone they bring their own, light and dark. */

/** Colours that people who see few of them can tell apart, for a light and a dark ground. */
const light = ['#0b62c4', '#b3470b', '#1a7f37', '#7a44d6', '#a0215f', '#59636e']
const dark = ['#6cb0ff', '#ff9f5a', '#4ac26b', '#b58cf9', '#f778ba', '#9198a1']

const tones = (colours: readonly string[]) => colours.map((colour, n) => `--tone-${n}:${colour}`).join(';')

export const tonesCount = light.length

export const plotStyle = `
.plot{--plot-bg:#fff;--plot-fg:#1b1f24;--plot-dim:#59636e;--plot-line:#d1d9e0;--plot-budget:#cf222e;${tones(light)};display:block;width:100%;max-width:760px;height:auto;font:13px system-ui,sans-serif}
@media(prefers-color-scheme:dark){.plot{--plot-bg:#0d1117;--plot-fg:#e6edf3;--plot-dim:#9198a1;--plot-line:#3d444d;--plot-budget:#ff6a61;${tones(dark)}}}
.plot text{fill:var(--plot-dim)}.plot .title{font-size:15px;font-weight:600;fill:var(--plot-fg)}.plot .name,.plot .label{fill:var(--plot-fg)}
.plot .paper{fill:var(--plot-bg)}.plot .grid{stroke:var(--plot-line);stroke-width:1}.plot .axis{stroke:var(--plot-dim);stroke-width:1}
.plot .curve{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}.plot .dashed{stroke-dasharray:6 5}.plot .span{stroke-width:1.5;opacity:.75}.plot .dot{stroke:var(--plot-bg);stroke-width:1.5}
.plot .budget{stroke:var(--plot-budget);stroke-width:1.5;stroke-dasharray:2 4;stroke-linecap:round}.plot .note{stroke:var(--plot-dim);stroke-width:1.25;stroke-dasharray:4 4}.plot text.on-budget{fill:var(--plot-budget)}.plot .halo{paint-order:stroke;stroke:var(--plot-bg);stroke-width:4px;stroke-linejoin:round}
${light.map((_, n) => `.plot .tone-${n}{stroke:var(--tone-${n})}.plot .dot.tone-${n}{fill:var(--tone-${n});stroke:var(--plot-bg)}`).join('\n')}
`.trim()
