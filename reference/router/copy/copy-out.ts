/** COPY of a sharded table to the client: one shard after the other, as one stream. */
import { backendType, decodeBackend, encodeBackend, type Frame } from '../../wire/index.ts'
import type { Crew } from '../crew/crew.ts'
import { AlreadyTold } from '../crew/endings.ts'
import { sumOfTags } from '../crew/gather.ts'
import { unsupported } from '../refused.ts'
import type { Analysis } from '../routing/analysis.ts'
import type { CopyFormat } from './format.ts'

export async function copyOut(crew: Crew, analysis: Analysis, { format, header }: CopyFormat): Promise<void> {
  if (format === 'binary') throw unsupported('COPY of several shards in binary format is not possible')
  const tags: string[] = []
  for (const [i, branch] of (await crew.within(false).joinAll(crew.domain.allShards)).entries()) {
    let skipHeader = i > 0 && header
    const pass = (frame: Frame): void => {
      const { type } = frame
      if (type === backendType.copyDone || (type === backendType.copyOut && i > 0)) return
      if (type === backendType.copyData && skipHeader) skipHeader = frame.piece === 'first' || frame.piece === 'middle'
      else if (type === backendType.commandComplete) tags.push(tagOf(frame))
      else crew.pass(frame)
    }
    branch.sink = pass
    branch.start(analysis.parsed.text)
    await branch.quiet()
    branch.sink = crew.pass
    if (branch.error) throw new AlreadyTold()
  }
  crew.say(encodeBackend({ kind: 'copy-done' }))
  crew.complete(sumOfTags(tags))
}

function tagOf(frame: Frame): string {
  const message = decodeBackend(frame)
  return message.kind === 'command-complete' ? message.tag : ''
}
