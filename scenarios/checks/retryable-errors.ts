/** What goes wrong for a while says so with a SQLSTATE by which a client knows that it may try again. */
import { isServed, nameOf } from '../effects.ts'
import { checkOf } from '../finding.ts'

/** Lost connections, rollbacks, shortages, shutdowns and starts, locks; 25006 is what the server says that is no primary any more. */
const retryable = /^(?:08|40|53|57P0[1-5]|55P03|25006)/
export default checkOf('retryable-errors', 'errors carry retryable SQLSTATEs', ({ operations }) => {
  const wrong = operations.filter((operation) => {
    const { sqlstate } = operation
    // A connection that is cut has no last word.
    return !isServed(operation) && sqlstate !== null && !retryable.test(sqlstate)
  })
  return [...Map.groupBy(wrong, ({ sqlstate }) => sqlstate)].map(([sqlstate, ones]) => ({
    kind: 'not-retryable',
    text: `${ones.length} errors with SQLSTATE ${sqlstate}, the first "${ones[0]!.message}": ${nameOf(ones[0]!)}`,
    operations: ones.map(({ index }) => index),
  }))
})
