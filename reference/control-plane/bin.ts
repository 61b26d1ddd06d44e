/** Runs the control plane from the command line. */
import { run } from './run.ts'

await run(process.argv)
