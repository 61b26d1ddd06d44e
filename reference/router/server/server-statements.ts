/** The prepared statements a server session holds, the least recently used first. */

export class ServerStatements {
  /** Stands for the unnamed statement: the very object of the client that sent it, or null. */
  unnamed: object | null = null
  /** The server found one of them outdated: all are to be dropped when the connection is cleaned. */
  outdated = false
  readonly #names = new Set<string>()

  get size(): number {
    return this.#names.size
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }

  add(name: string): void {
    this.#names.delete(name)
    this.#names.add(name)
  }

  delete(name: string): void {
    this.#names.delete(name)
  }

  clear(): void {
    this.#names.clear()
    this.unnamed = null
    this.outdated = false
  }

  /** The one to give up when there is no room for another, or null. */
  excess(most: number): string | null {
    const [oldest] = this.#names
    return this.#names.size >= most && oldest !== undefined ? oldest : null
  }
}
