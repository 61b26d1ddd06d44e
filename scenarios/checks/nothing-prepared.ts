/** Once all is quiet no transaction is left prepared. */
import { checkOf } from '../finding.ts'

export default checkOf('nothing-prepared', 'prepared transactions drain to none', ({ samples }) => {
  const last = new Map(samples.filter(({ name }) => name === 'prepared').map((sample) => [sample.where, sample]))
  return [...last.values()]
    .filter(({ value }) => value > 0)
    .map(({ where, value }) => ({ kind: 'prepared-left', text: `${value} prepared transactions are left on ${where}`, operations: [] }))
})
