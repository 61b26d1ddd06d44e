/** What our own parts tell of their version. */
import { readFileSync } from 'node:fs'

/** `reference router 0.1.0`, and what runs in its place if something does. */
export function referenceVersion(part: 'router' | 'gateway' | 'control-plane', program: string | null): string {
  const file = new URL(`../../reference/${part}/package.json`, import.meta.url)
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return `reference ${part} ${version}${program === null ? '' : ` with ${program}`}`
}
