/** Finds PgDog where it is installed. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'pgdog'))

export const pgdog = [process.env['PGDOG_BIN'], ...onPath].find((file) => file !== undefined && existsSync(file))
