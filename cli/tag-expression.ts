/** Tag expressions: names with `*`, joined by and / or / not and parentheses, as vitest reads them. */
import { UsageError } from './usage.ts'

type Test = (tags: readonly string[]) => boolean

/** Whether some tags satisfy an expression; throws UsageError where it cannot be read. */
export function matchesTags(expression: string, tags: readonly string[]): boolean {
  return parse(expression)(tags)
}

function parse(expression: string): Test {
  const words =
    expression
      .replaceAll('&&', ' and ')
      .replaceAll('||', ' or ')
      .replaceAll('!', ' not ')
      .match(/[()]|[^\s()]+/g) ?? []
  const reader = new Reader(words, expression)
  const test = reader.either()
  reader.end()
  return test
}

class Reader {
  #at = 0
  readonly #words: readonly string[]
  readonly #whole: string

  constructor(words: readonly string[], whole: string) {
    this.#words = words
    this.#whole = whole
  }

  either(): Test {
    const tests = [this.both()]
    while (this.#take('or')) tests.push(this.both())
    return (tags) => tests.some((test) => test(tags))
  }

  both(): Test {
    const tests = [this.one()]
    while (this.#take('and')) tests.push(this.one())
    return (tags) => tests.every((test) => test(tags))
  }

  one(): Test {
    if (this.#take('not')) {
      const test = this.one()
      return (tags) => !test(tags)
    }
    if (this.#take('(')) {
      const test = this.either()
      if (!this.#take(')')) throw this.#wrong('a ) is missing')
      return test
    }
    const name = this.#words[this.#at++]
    if (name === undefined || name === ')') throw this.#wrong('a tag is missing')
    const pattern = new RegExp(`^${name.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'i')
    return (tags) => tags.some((tag) => pattern.test(tag))
  }

  end(): void {
    if (this.#at < this.#words.length) throw this.#wrong(`"${this.#words[this.#at]}" was not expected`)
  }

  #take(word: string): boolean {
    if (this.#words[this.#at]?.toLowerCase() !== word) return false
    this.#at++
    return true
  }

  #wrong(what: string): UsageError {
    return new UsageError(`the tag expression "${this.#whole}" cannot be read: ${what}; write it like "suite/jwt and not needs/docker"`)
  }
}
