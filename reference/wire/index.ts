/** The Postgres protocol codec, both directions, no sockets: frames, messages, start-up packets, error fields and SCRAM-SHA-256. */

export { ProtocolViolation, type ViolationReason } from './violation.ts'
export { Framer, frameOf, startupCapBytes, type Frame, type FramerOptions, type Piece } from './framer.ts'
export { decodeStartup, encodeStartup, encryptionAnswer, parametersOf, type StartupPacket } from './startup.ts'
export { decodeFrontend, encodeFrontend, type FrontendMessage, type PasswordStage } from './frontend.ts'
export { decodeBackend, encodeBackend, type BackendMessage, type Column, type TransactionStatus } from './backend.ts'
export { decodeFields, encodeFields, errorMessage, noticeMessage, type ErrorFields, type Notice } from './fields.ts'
export { frontendType, backendType } from './letters.ts'
export { checkShape } from './shapes.ts'
export { statementNameOf, withStatementName } from './names.ts'
export { mockVerifier, scramMechanism, scramVerifier, type ScramVerifier } from './scram-keys.ts'
export { scramClient, type SaltedCache, type ScramClient, type ScramClientOptions } from './scram-client.ts'
export { scramServer, type ScramServer } from './scram-server.ts'
