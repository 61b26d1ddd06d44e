/** Reads what a gateway or router says, as strictly as the protocol can be read; each complaint is a finding. */

export interface Piece {
  readonly letter: string
  readonly body: Buffer
  /** Where it ends in the bytes it was read from. */
  readonly end: number
}

/** The next whole message at `at`; null when more bytes would be needed; a text when it cannot be one. */
export function readMessage(bytes: Buffer, at: number): Piece | string | null {
  if (bytes.length - at < 5) return null
  const length = bytes.readUInt32BE(at + 1)
  const letter = String.fromCharCode(bytes[at]!)
  if (!/[A-Za-z0-9]/.test(letter)) return `a message begins with the byte ${bytes[at]}`
  if (length < 4 || length > 0x3fff_ffff) return `message ${letter} says it is ${length} long`
  return bytes.length - at < length + 1 ? null : { letter, body: bytes.subarray(at + 5, at + 1 + length), end: at + 1 + length }
}

/** What is wrong with an ErrorResponse for a refusal; null when nothing is. */
export function complainOfError(body: Buffer): string | null {
  const fields = readFields(body)
  if (typeof fields === 'string') return fields
  const wrong = [
    [!/^(FATAL|ERROR|PANIC)$/.test(fields.get('S') ?? ''), 'severity'],
    [!/^[0-9A-Z]{5}$/.test(fields.get('C') ?? ''), 'SQLSTATE'],
    [(fields.get('M') ?? '') === '', 'message'],
  ].flatMap(([bad, name]) => (bad === true ? [name] : []))
  return wrong.length === 0 ? null : `an ErrorResponse without a good ${wrong.join(' and ')}`
}

export function readFields(body: Buffer): ReadonlyMap<string, string> | string {
  const fields = new Map<string, string>()
  let at = 0
  while (at < body.length && body[at] !== 0) {
    const end = body.indexOf(0, at + 1)
    if (end < 0) return 'a field of an ErrorResponse does not end'
    fields.set(String.fromCharCode(body[at]!), body.toString('utf8', at + 1, end))
    at = end + 1
  }
  return at === body.length - 1 ? fields : 'an ErrorResponse does not end where it says'
}

export interface StrictStartup {
  readonly version: number
  readonly parameters: ReadonlyMap<string, string>
}

/** A start-up packet's body. Throws an Error that says what is malformed. */
export function readStartup(body: Buffer): StrictStartup {
  if (body.length < 5) throw new Error('a start-up packet without parameters')
  const words = body.toString('latin1', 4).split('\0')
  if (words.pop() !== '' || words.pop() !== '' || words.length % 2 !== 0)
    throw new Error('a start-up packet that does not end as it should')
  const parameters = new Map<string, string>()
  for (let i = 0; i < words.length; i += 2) {
    const [name = '', value = ''] = words.slice(i)
    if (!/^[A-Za-z_][A-Za-z0-9_.]{0,62}$/.test(name)) throw new Error(`a start-up parameter named ${JSON.stringify(name)}`)
    if (!/^[\x20-\x7e]*$/.test(value) || value.length > 4000) throw new Error(`a value of ${name} that no pooler should get`)
    if (parameters.has(name)) throw new Error(`the start-up parameter ${name} twice`)
    parameters.set(name, value)
  }
  return { version: body.readUInt32BE(0), parameters }
}
