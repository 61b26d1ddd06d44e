/** Records runs one after the other until it is killed, or so many; says each once it is kept. */
import { openHistory } from '../open.ts'
import { recordRun } from '../record.ts'
import { exampleFigure, exampleResult, exampleRun } from './example.ts'

const [file = '', prefix = '', count = 'Infinity'] = process.argv.slice(2)
using history = openHistory(file)
for (let i = 0; i < Number(count); i++) {
  recordRun(history, exampleRun(`${prefix}-${i}`), [
    exampleFigure(exampleResult(i)),
    exampleFigure({ metric: 'rss', unit: 'MB', value: i }),
  ])
  process.stdout.write(`${i}\n`)
}
