#!/usr/bin/env node
/** Runs the gateway from the command line. */
import { run } from './run.ts'

await run(process.argv)
