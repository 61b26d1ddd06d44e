/** The platforms that clusters can run on: each has a section of the configuration, and is found by its kind. */
import { z } from 'zod'
import { execSchema } from './exec/exec-config.ts'
import { makeExecProvisioner } from './exec/exec-provisioner.ts'
import { kubernetesSchema } from './kubernetes/config.ts'
import { kubernetesProvisioner } from './kubernetes/driver.ts'
import type { Provisioner } from './provisioner.ts'

export const driverSchema = z.discriminatedUnion('kind', [execSchema, kubernetesSchema])
export type DriverConfig = z.infer<typeof driverSchema>

export type MakeProvisioner = (config: DriverConfig) => Provisioner

export const makeProvisioner: MakeProvisioner = (config) => {
  switch (config.kind) {
    case 'exec':
      return makeExecProvisioner(config)
    case 'kubernetes':
      return kubernetesProvisioner(config)
  }
}
