/** What a proof rests on, in digests: the entry's words, its test file, the kit and the parts that ran. */
import type { Entry } from '../../spec/entry.ts'
import type { Grounds } from '../../spec/evidence.ts'
import { digestTest } from '../../spec/sources.ts'

export function groundsOf(entry: Entry, testFile: string, kit: string, parts: string): Grounds {
  return { entry: entry.digest, testFile: digestTest(testFile), kit, parts }
}
