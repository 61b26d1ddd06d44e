import { expect, test } from 'vitest'
import type { Source } from './environment/fact.ts'
import { cpusOf, numbersOf, pin, splitProcessors } from './environment/pinning.ts'
import { watchProcessors } from './environment/processor.ts'
import { readGroupLimits, readKernelSettings } from './environment/settings.ts'
import { describeEnvironment, machineKey, watchConditions } from './environment.ts'

/** A machine made of texts: what is not in it is not there. */
function machineOf(platform: NodeJS.Platform, files: Record<string, string>, answers: Record<string, string> = {}): Source {
  const missing = () => Object.assign(new Error('there is no such thing'), { code: 'ENOENT' })
  return {
    platform,
    read(path) {
      if (files[path] === undefined) throw missing()
      return files[path]
    },
    ask(command, words) {
      const line = [command, ...words].join(' ')
      if (answers[line] === undefined) throw missing()
      return answers[line]
    },
  }
}

test('a Linux machine tells its settings', () => {
  const linux = machineOf('linux', {
    '/proc/sys/net/core/somaxconn': '4096\n',
    '/proc/sys/net/ipv4/ip_local_port_range': '32768\t60999\n',
    '/proc/self/limits':
      'Limit     Soft Limit   Hard Limit  Units\nMax open files            1024                 1048576              files\n',
    '/sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
  })
  expect(readKernelSettings(linux)).toMatchObject({
    somaxconn: { value: 4096 },
    portRange: { value: '32768-60999' },
    openFiles: { value: 1024 },
    transparentHugePages: { value: 'madvise' },
    synBacklog: { value: null, why: 'the queue of half-open connections cannot be read here (ENOENT)' },
  })
})

test('a Mac tells what it has, and why the rest is missing', () => {
  const mac = machineOf(
    'darwin',
    {},
    {
      'sysctl -n kern.ipc.somaxconn': '128\n',
      'sysctl -n net.inet.ip.portrange.first': '49152\n',
      'sysctl -n net.inet.ip.portrange.last': '65535\n',
      '/bin/sh -c ulimit -n': '256\n',
    },
  )
  const told = describeEnvironment(null, mac)
  expect(told.settings).toMatchObject({ somaxconn: { value: 128 }, portRange: { value: '49152-65535' }, openFiles: { value: 256 } })
  expect(told.processors.governor).toEqual({ value: null, why: 'the frequency governor is only told by Linux, this is darwin' })
  expect(told.group.memoryBytes).toEqual({ value: null, why: 'a limit of memory is only told by Linux, this is darwin' })
  expect(told.placements).toEqual([{ name: 'harness', pid: process.pid, place: 'process', cpus: null }])
  const use = watchConditions(null, mac)().use
  expect(use.steal).toEqual({ value: null, why: 'stolen time is only told by Linux, this is darwin' })
  expect(use.busy).toBeGreaterThanOrEqual(0)
  expect(pin(1, [0], mac)).toMatchObject({ done: false })
})

test.each([
  ['version 2', { '/sys/fs/cgroup/cpu.max': '150000 100000\n', '/sys/fs/cgroup/memory.max': '1073741824\n' }, 1.5, 2 ** 30],
  [
    'version 2, a group of its own',
    {
      '/proc/self/cgroup': '0::/user.slice/a.scope\n',
      '/sys/fs/cgroup/user.slice/a.scope/cpu.max': '50000 100000\n',
      '/sys/fs/cgroup/cpu.max': '150000 100000\n',
    },
    0.5,
    null,
  ],
  ['version 2 without a limit', { '/sys/fs/cgroup/cpu.max': 'max 100000\n', '/sys/fs/cgroup/memory.max': 'max\n' }, null, null],
  [
    'version 1',
    {
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    },
    0.5,
    null,
  ],
])('limits of a control group: %s', (_name, files, processors, memoryBytes) => {
  const told = readGroupLimits(machineOf('linux', files as unknown as Record<string, string>))
  expect([told.processors.value, told.memoryBytes.value]).toEqual([processors, memoryBytes])
})

test('steal and switches are differences between two looks', () => {
  const files: Record<string, string> = { '/proc/stat': 'cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 1\nctxt 1000\n' }
  const clock = [0, 2000]
  const use = watchProcessors(machineOf('linux', files), () => clock.shift() ?? 0)
  files['/proc/stat'] = 'cpu  140 0 110 900 30 5 5 10 0 0\ncpu0 1 1\nctxt 5000\n'
  expect(use()).toEqual({ seconds: 2, busy: 0.3, steal: { value: 0.05 }, contextSwitchesPerSecond: { value: 2000 } })
})

test('the key of a machine is stable, and follows what makes it fast', () => {
  const linux = (cpu: string) => machineOf('linux', { '/sys/fs/cgroup/cpu.max': cpu })
  expect(machineKey(linux('max 100000'))).toMatch(/^[0-9a-f]{12}$/)
  expect(machineKey(linux('max 100000'))).toBe(machineKey(linux('max 200000')))
  expect(machineKey(linux('100000 100000'))).not.toBe(machineKey(linux('200000 100000')))
})

test('processors are split only where there are four', () => {
  expect(numbersOf('0-2,5')).toEqual([0, 1, 2, 5])
  expect(splitProcessors('0-1')).toBeNull()
  expect(splitProcessors('0-7')).toEqual({ load: [6, 7], system: [0, 1, 2, 3, 4, 5] })
})

test.runIf(process.platform === 'linux')('this machine can be described and a process bound', () => {
  const [cpu = 0] = numbersOf(cpusOf(process.pid) ?? '0')
  const bound = pin(process.pid, numbersOf(cpusOf(process.pid) ?? '0'))
  expect(bound.done ? bound.cpus : bound.why).toContain(bound.done ? String(cpu) : 'taskset')
  expect(pin(2 ** 22 + 1, [cpu])).toMatchObject({ done: false })
  expect(JSON.stringify(describeEnvironment(null))).not.toContain('undefined')
})
