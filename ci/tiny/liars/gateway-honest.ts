/** No liar at all: the reference gateway as it is. Of what it claims to break, only what the tiny suites refute anyway is caught. */
import { run } from '../../../reference/gateway/index.ts'

export default {
  part: 'gateway',
  why: 'does nothing wrong',
  refutes: { 'JWT-001': ['first'], 'JWT-002': ['second'], 'JWT-003': ['second'], 'JWT-004': ['first'] },
}

if (import.meta.main) await run(process.argv)
