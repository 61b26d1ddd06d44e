/** Thrown when the gateway cannot run as it is configured; the message says where, what is wrong and what would be right. */

export class ConfigError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ConfigError'
  }
}
