/** On which addresses a process and its children listen, as the system tells it. Linux only. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { familyOf, identify } from '../../stack/processes.ts'

export interface Listener {
  readonly address: string
  readonly port: number
}

export function listenersOf(pid: number): readonly Listener[] {
  const leader = identify(pid)
  if (leader === null) throw new Error(`there is no process ${pid}`)
  const own = new Set(familyOf(leader).flatMap((member) => socketsOf(member.pid)))
  return tables.flatMap(rowsOf).flatMap(([, local = '', , state, , , , , , inode]) => {
    if (state !== listening || !own.has(`socket:[${inode}]`)) return []
    const [address = '', port = ''] = local.split(':')
    return [{ address: readable(address), port: Number.parseInt(port, 16) }]
  })
}

export const isOfThisMachine = ({ address }: Listener): boolean => /^(?:127\.|::ffff:127\.|::1$)/.test(address)

const tables = ['/proc/net/tcp', '/proc/net/tcp6']
const listening = '0A'

const rowsOf = (table: string): readonly string[][] =>
  readFileSync(table, 'latin1')
    .split('\n')
    .map((row) => row.trim().split(/\s+/))

/** One that has ended meanwhile listens on nothing; one that may not be looked at is an error. */
function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => linkOf(`/proc/${pid}/fd/${name}`))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** The kernel shows an address as words of 32 bits in the byte order of the machine. */
function readable(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex').reverse()])
  if (bytes.length === 4) return bytes.join('.')
  const words = Buffer.from(bytes).toString('hex')
  if (/^0{31}1$/.test(words)) return '::1'
  return /^0{20}f{4}/.test(words) ? `::ffff:${bytes.slice(12).join('.')}` : (words.match(/.{4}/g) ?? []).join(':')
}
