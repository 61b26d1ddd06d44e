/** What a hostile peer does, as plain data: it can be printed, shrunk, kept in a file and played again. */

/** Who is hostile. */
export type Leg = 'gateway-client' | 'gateway-backend' | 'router-client'

/** One change to the bytes of a message; positions are taken modulo the length, so that each change fits every message. */
export type Edit =
  | { readonly edit: 'cut'; readonly at: number }
  | { readonly edit: 'insert'; readonly at: number; readonly hex: string }
  | { readonly edit: 'set'; readonly at: number; readonly byte: number }
  /** The message's own length field, whatever is true. */
  | { readonly edit: 'length'; readonly value: number }
  /** So many bytes more at the end, not counted in the length. */
  | { readonly edit: 'grow'; readonly count: number; readonly byte: number }
  /** Puts the length right after other edits. */
  | { readonly edit: 'refit' }
  | { readonly edit: 'twice' }

/** A message by name, with what it is made of; `client-messages.ts` and `server-messages.ts` know how it is written. */
export interface Message {
  readonly name: string
  readonly [field: string]: unknown
}

export type Act =
  | {
      readonly act: 'say'
      readonly message: Message
      readonly edits: readonly Edit[]
      /** Where the bytes are cut into writes of their own. */
      readonly cuts: readonly number[]
    }
  /** Waits for a word of the other side, its end, or a moment. */
  | { readonly act: 'hear' }
  | { readonly act: 'pause'; readonly ms: number }
  /** The client begins a TLS handshake here. */
  | { readonly act: 'tls'; readonly alpn: readonly string[] }
  | { readonly act: 'half-close' }
  | { readonly act: 'reset' }

export interface Script {
  readonly leg: Leg
  readonly acts: readonly Act[]
}

export const say = (message: Message, ...edits: Edit[]): Act => ({ act: 'say', message, edits, cuts: [] })
export const hear: Act = { act: 'hear' }
