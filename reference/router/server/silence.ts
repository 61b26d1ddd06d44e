/** Notices that a server owes an answer and has said nothing for too long. One timer for each connection, and none while nothing is owed. */

export interface Silence {
  /** Something was sent that will be answered. */
  asked(): void
  /** The server has said something. */
  heard(): void
  /** Nobody minds any more. */
  forget(): void
}

export interface SilenceOptions {
  /** 0: it may take as long as it likes. */
  readonly limitMs: number
  /** Whether it is the server's turn to speak. */
  readonly isOwed: () => boolean
  readonly onOver: (silentMs: number) => void
}

const patient: Silence = { asked: () => {}, heard: () => {}, forget: () => {} }

export function watchSilence({ limitMs, isOwed, onOver }: SilenceOptions): Silence {
  if (limitMs === 0) return patient
  let since = 0
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    timer = undefined
    if (!isOwed()) return
    const left = since + limitMs - performance.now()
    if (left <= 0) onOver(limitMs)
    else wait(left)
  }
  const wait = (ms: number) => (timer = setTimeout(look, Math.ceil(ms)).unref())
  return {
    asked() {
      if (timer !== undefined) return
      since = performance.now()
      wait(limitMs)
    },
    heard: () => void (since = performance.now()),
    forget: () => clearTimeout(timer),
  }
}
