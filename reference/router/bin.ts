#!/usr/bin/env node
/** `node bin.ts --config router.yaml`: the reference router as a program. */
import { runRouter } from './command.ts'

await runRouter(process.argv)
