/** `down`: removes what runs left behind. */
import { down as endRun, downDead, listRuns } from '../../stack/sweep.ts'

export async function down({ run, all }: { run?: string; all?: boolean }): Promise<number> {
  if (run !== undefined) {
    await endRun(run)
    console.log(`ended ${run}`)
    return 0
  }
  for (const dead of await downDead()) console.log(`removed ${dead}, whose owner had died`)
  for (const living of listRuns()) {
    if (all === true) await endRun(living.run)
    console.log(
      all === true ? `ended ${living.run}` : `left ${living.run} alone: it lives (\`orochi-harness down --run ${living.run}\` ends it)`,
    )
  }
  if (listRuns().length === 0) console.log('nothing is left')
  return 0
}
