/** Copy data of a client on its way to the one server that reads it. */
import { frontendType } from '../../wire/index.ts'
import type { Branch } from './branch.ts'
import type { Crew } from './crew.ts'
import { ClientGone } from './endings.ts'

/** Settles when the server has answered the whole COPY. */
export async function passCopyIn(crew: Crew, branch: Branch): Promise<void> {
  crew.flush()
  const { copyData, copyDone, copyFail, terminate } = frontendType
  while (branch.connection.replies.copyIn) {
    const frame = (await crew.inbox?.next()) ?? null
    if (!frame || frame.type === terminate) throw new ClientGone()
    if (frame.type === copyData) {
      branch.hold.insideMessage = frame.piece === 'first' || frame.piece === 'middle'
      if (branch.connection.replies.copyIn) branch.sendBare(frame.bytes)
      await branch.roomy()
    } else if (frame.type === copyDone || frame.type === copyFail) {
      branch.send('copy-end', frame.bytes)
      break
    }
  }
  await branch.quiet()
}
