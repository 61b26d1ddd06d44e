/** Memory under load for a day; a short run can show a flood, and never that there is no leak. */
import { expect } from 'vitest'
import { Undecided } from '../../perf/measure.ts'
import { wish } from '../kit.ts'
import { measuredTopology } from '../perf/ways.ts'
import { hold } from './hold.ts'

const spec = wish(measuredTopology)

spec('MEM-004', async (trial) => {
  const { findings, short } = await hold(trial, 24 * 3600)
  const judged = findings.filter(({ series, shownOnly }) => series.startsWith('memory of ') && shownOnly === null)
  await trial.prove('steady', () => {
    for (const { series, verdict, why } of judged) expect(verdict, `${series}: ${why}`).not.toBe('grows')
    if (short !== null) throw new Undecided('load-not-reached', short)
    const open = judged.find(({ verdict }) => verdict !== 'steady')
    if (open !== undefined) throw new Undecided('inconclusive', `${open.series}: ${open.why}`)
    expect(judged.length).toBeGreaterThan(0)
  })
})
