/** The page of the control plane with some words of it replaced. */
import { readFiles, servePage, type MakePage } from '../../reference/control-plane/page/routes.ts'

export interface Rewording {
  readonly file: string
  readonly from: string
  readonly to: string
}

/** Throws when the words are not there: a liar that says the truth would catch nothing. */
export function pageWith(...rewordings: readonly Rewording[]): MakePage {
  const files = new Map(readFiles())
  for (const { file, from, to } of rewordings) {
    const text = files.get(file)
    if (text?.includes(from) !== true) throw new Error(`page/static/${file} does not say ${from}`)
    files.set(file, text.replaceAll(from, to))
  }
  return ({ idleSeconds = 900 }) => servePage(files, idleSeconds)
}
