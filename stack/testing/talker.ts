/** A part for tests: answers over HTTP with what it takes for the time, and does the one odd thing it is told to. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'

const [port = '0', ...oddities] = process.argv.slice(2)

console.log('talker begins')
if (oddities.includes('fails')) {
  console.error('talker cannot go on')
  process.exit(3)
}
if (oddities.includes('ignores-sigterm')) process.on('SIGTERM', () => console.log('not yet'))
if (oddities.includes('has-child')) spawn('sleep', ['300'], { detached: true, stdio: 'ignore' })
if (!oddities.includes('never-listens'))
  createServer((_, response) => {
    response.setHeader('connection', 'close')
    response.end(JSON.stringify({ now: Date.now(), date: new Date().getTime(), pid: process.pid, env: process.env }))
  }).listen(Number(port), '127.0.0.1')
else setInterval(() => {}, 1_000)
