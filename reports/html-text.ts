/** Pieces of a page that every section uses; whatever comes from outside goes through `text`. */

export function text(raw: string): string {
  return raw
    .toWellFormed()
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** A word of ours with its colour: a verdict or the state of a marker. */
export function badge(state: string): string {
  return `<span class="badge ${state.replace(' ', '-')}">${text(state)}</span>`
}

/**
 * A table whose cells keep their heading's name, for screens too narrow for columns. The first cell of a row is its heading.
 * The roles say what browsers forget once rows are no longer laid out as a table.
 */
export function table(
  headings: readonly string[],
  rows: readonly { readonly attributes: string; readonly cells: readonly string[] }[],
  caption: string,
): string {
  const head = headings.map((heading) => `<th scope="col" role="columnheader">${heading}</th>`).join('')
  const body = rows.map(({ attributes, cells }) => {
    const [first = '', ...rest] = cells
    const others = rest.map(
      (cell, at) => `<td role="cell" data-name="${headings[at + 1] ?? ''}"${cell === '' ? ' class="empty"' : ''}>${cell}</td>`,
    )
    return `<tr role="row"${attributes}><th scope="row" role="rowheader">${first}</th>${others.join('')}</tr>`
  })
  return `<div class="scroll"><table role="table"><caption>${caption}</caption><thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">\n${body.join('\n')}\n</tbody></table></div>`
}
