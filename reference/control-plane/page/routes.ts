/** The page about a cluster's pooler, as files: it asks the API itself, with a token that whoever looks at it gave. */
import { Hono } from 'hono'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join } from 'node:path'

interface StaticFile {
  readonly body: string
  readonly type: string
  readonly etag: string
}

export interface PageOptions {
  /** After so long without a key or a pointer the token is forgotten. */
  readonly idleSeconds?: number
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Nothing from elsewhere, nothing inline, nobody around it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  // A new control plane has a new page at once; what did not change is not sent again.
  'cache-control': 'no-cache',
} as const

export type MakePage = (options: PageOptions) => Hono

/** To be mounted at the root: the page is `/`, what it consists of is below `/page/`. */
export const pageRoutes: MakePage = ({ idleSeconds = 900 } = {}) => servePage(readFiles(), idleSeconds)

export function servePage(bodies: ReadonlyMap<string, string>, idleSeconds: number): Hono {
  const app = new Hono()
  // Only the document is told anything; in a script the same words are its own.
  for (const [name, text] of bodies) {
    const file = fileOf(name, name === 'index.html' ? text.replace('{{idleSeconds}}', String(Math.max(1, Math.floor(idleSeconds)))) : text)
    app.get(name === 'index.html' ? '/' : `/page/${name}`, (context) => {
      const own = { ...headers, 'content-type': file.type, etag: file.etag }
      return context.req.header('if-none-match') === file.etag ? context.body(null, 304, own) : context.body(file.body, 200, own)
    })
  }
  return app
}

/** All that the page consists of, by name. */
export function readFiles(): ReadonlyMap<string, string> {
  const folder = join(import.meta.dirname, 'static')
  const uplot = (name: string) => createRequire(import.meta.url).resolve(`uplot/dist/${name}`)
  const own = readdirSync(folder)
    .filter((name) => extname(name) in types)
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const)
  const theirs = ['uPlot.esm.js', 'uPlot.min.css'].map((name) => [name, readFileSync(uplot(name), 'utf8')] as const)
  return new Map([...own, ...theirs])
}

function fileOf(name: string, text: string): StaticFile {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  return { body: text, type: types[extname(name)]!, etag }
}
