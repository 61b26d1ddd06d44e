/** A gateway that dies of a CancelRequest sent in the clear, as one that is in use does. */
import { runBehind } from './behind.ts'

const cancelCode = 80_877_102

await runBehind(process.argv, (chunk) => {
  if (chunk.length >= 8 && chunk.readUInt32BE(4) === cancelCode) throw new TypeError("Cannot read properties of null (reading 'subject')")
})
