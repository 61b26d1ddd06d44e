/** Runs Launches as containers through testcontainers, on the host's network, so that addresses and Links are the same as for processes. */
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { PostgreSqlContainer } from '@testcontainers/postgresql'
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers'
import type { Availability } from '../../spec/capability.ts'
import { HarnessError } from '../harness-error.ts'
import { chooseImage, images, presentImages } from '../images.ts'
import type { ContainerForm, Launch, Provider, Running } from '../launch.ts'

/** A daemon that does not answer in this time is none. */
const answerLimitMs = 3_000

/** Whether containers can be run here: a daemon that answers, and both images. Decides within three seconds. */
export async function detectDocker(): Promise<Availability> {
  if (process.platform !== 'linux') return { here: false, why: 'containers share the host’s network, which needs Docker on Linux' }
  try {
    const client = await within(answerLimitMs, getContainerRuntimeClient())
    const present = await presentImages(answerLimitMs)
    const lacking = [images.postgres(18), images.node()].filter((choice) => chooseImage(choice, present) === null)
    if (lacking.length === 0)
      return { here: true, how: `${client.info.containerRuntime.host} ${client.info.containerRuntime.serverVersion}` }
    return {
      here: false,
      why: `no image ${lacking.map((image) => image.official).join(', ')} on this machine: \`docker pull\` it, or make local ones with \`npm run images\``,
    }
  } catch (error) {
    return { here: false, why: `no Docker daemon answers (${(error as Error).message.split('\n')[0]}): start one` }
  }
}

async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  const signal = AbortSignal.timeout(limitMs)
  return Promise.race([
    promise,
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error(`no answer in ${limitMs} ms`)))),
  ])
}
