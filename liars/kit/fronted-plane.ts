/** The honest control plane behind a relay that tampers with its answers: for lies that no single piece of it can tell. */
import { createServer } from 'node:http'
import { loadConfig } from '../../reference/control-plane/config-file.ts'
import { startControlPlane } from '../../reference/control-plane/control-plane.ts'

export interface PlaneAnswer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** Runs the control plane's command line with a relay in front of it, until SIGTERM. */
export async function runFrontedPlane(argv: readonly string[], tamper: (answer: PlaneAnswer) => PlaneAnswer): Promise<void> {
  const config = loadConfig(argv[argv.indexOf('--config') + 1]!)
  const plane = await startControlPlane({ ...config, listen: { ...config.listen, port: 0 } })
  const front = createServer((request, response) => {
    const ask = async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      const told = await fetch(`http://127.0.0.1:${plane.port}${request.url}`, {
        method: request.method ?? 'GET',
        headers: Object.entries(request.headers).flatMap(([name, value]) =>
          ['authorization', 'content-type', 'if-match'].includes(name) ? [[name, String(value)] as [string, string]] : [],
        ),
        ...(body.length === 0 ? {} : { body }),
      })
      const { status, type, text } = tamper({
        status: told.status,
        type: told.headers.get('content-type') ?? 'application/json',
        text: await told.text(),
      })
      const kept = ['location', 'retry-after', 'etag'].flatMap((name) => {
        const value = told.headers.get(name)
        return value === null ? [] : [[name, value]]
      })
      response.writeHead(status, { 'content-type': type, ...(Object.fromEntries(kept) as Record<string, string>) }).end(text)
    }
    ask().catch(() => response.destroy())
  })
  front.listen(config.listen.port, config.listen.host)
  process.on('SIGTERM', () => void plane[Symbol.asyncDispose]().then(() => process.exit(0)))
}
