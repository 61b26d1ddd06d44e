/** The message letters of both directions as byte values, by name. */

const byte = (letter: string): number => letter.charCodeAt(0)

export const frontendType = {
  bind: byte('B'),
  close: byte('C'),
  copyData: byte('d'),
  copyDone: byte('c'),
  copyFail: byte('f'),
  describe: byte('D'),
  execute: byte('E'),
  flush: byte('H'),
  functionCall: byte('F'),
  parse: byte('P'),
  /** Password, SASLInitialResponse and SASLResponse share it; the stage of the login tells which. */
  password: byte('p'),
  query: byte('Q'),
  sync: byte('S'),
  terminate: byte('X'),
} as const

export const backendType = {
  authentication: byte('R'),
  backendKeyData: byte('K'),
  bindComplete: byte('2'),
  closeComplete: byte('3'),
  commandComplete: byte('C'),
  copyBoth: byte('W'),
  copyData: byte('d'),
  copyDone: byte('c'),
  copyIn: byte('G'),
  copyOut: byte('H'),
  dataRow: byte('D'),
  emptyQuery: byte('I'),
  errorResponse: byte('E'),
  functionResult: byte('V'),
  negotiateProtocol: byte('v'),
  noData: byte('n'),
  noticeResponse: byte('N'),
  notification: byte('A'),
  parameterDescription: byte('t'),
  parameterStatus: byte('S'),
  parseComplete: byte('1'),
  portalSuspended: byte('s'),
  readyForQuery: byte('Z'),
  rowDescription: byte('T'),
} as const
