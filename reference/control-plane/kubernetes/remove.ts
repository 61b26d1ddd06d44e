/** Takes a cluster away, its rows included, and sees that nothing of it is left. */
import { appliedKinds } from './apply.ts'
import { deleteObject, listOwn, type Place } from './objects.ts'
import { untilGone } from './watch.ts'

export async function removeCluster(place: Place): Promise<void> {
  // Workloads first: they would make anew what is taken from below them.
  for (const kind of appliedKinds.toReversed()) {
    for (const object of await listOwn(place, kind)) await deleteObject(place, kind, object)
  }
  await untilGone(place, 'Pod')
  for (const claim of await listOwn(place, 'PersistentVolumeClaim')) await deleteObject(place, 'PersistentVolumeClaim', claim)
  for (const kind of [...appliedKinds, 'PersistentVolumeClaim'] as const) await untilGone(place, kind)
}
