/** The clock of a gateway is ahead or behind. */
import { injectSteps, FaultWithoutEffect, type Fault } from '../fault.ts'
import { partFor } from '../looking.ts'
import { HarnessError } from '../../stack/harness-error.ts'
import { attemptLogin } from '../doorway.ts'

const name = 'gateway-clock-skew'

export interface GatewayClockSkew {
  readonly offsetMs: number
}

export default function gatewayClockSkew({ offsetMs }: GatewayClockSkew = { offsetMs: 3_600_000 }): Fault {
  return {
    name,
    needs: ['gateway', 'clock-shift'],
    inject(stack, target, signal) {
      const part = partFor(stack, target, 'gateway', ['shiftClock'])
      /** How far the clock of its log is from ours, ms; it writes when somebody comes. */
      const skew = async () => {
        const mark = part.logMark()
        await attemptLogin(stack, part)
        const times = part.logSince(mark).flatMap(({ text }) => timeOf(text))
        if (times.length === 0) throw new HarnessError('time-out', `${target} did not write when somebody came`)
        return times.at(-1)! - Date.now()
      }
      const near = (seen: number, wanted: number) => Math.abs(seen - wanted) < Math.max(30_000, Math.abs(offsetMs) / 4)
      return injectSteps(target, signal, {
        harm: async () => part.shiftClock?.(offsetMs),
        async proveApplied() {
          const seen = await skew()
          if (!near(seen, offsetMs)) throw new FaultWithoutEffect(name, target, `its log is ${Math.round(seen)} ms from the true time`)
          return `the clock of ${target} is ${Math.round(seen)} ms off`
        },
        async cure() {
          await part.shiftClock?.(0)
          const seen = await skew()
          if (!near(seen, 0)) throw new HarnessError('time-out', `the clock of ${target} is ${Math.round(seen)} ms off still`)
          return `the clock of ${target} is right`
        },
      })
    },
  }
}

function timeOf(line: string): readonly number[] {
  const time = /"time":"?([^",}]+)/.exec(line)?.[1]
  const at = time === undefined ? NaN : Date.parse(time)
  return Number.isNaN(at) ? [] : [at]
}

export const trial = { targets: ['gateway-0'], topology: { gateway: { settings: { workers: { count: 2 } } } } }
