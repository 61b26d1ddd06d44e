import { defineConfig } from 'vitest/config'
import { tags } from './spec/generated/ids.ts'

/** Elsewhere when the harness is tried on a tiny catalogue. */
const suites = process.env['OROCHI_SUITES_DIR'] ?? 'suites'

/** A folder for Allure results of the project's own tests. */
const allureResults = process.env['OROCHI_ALLURE_RESULTS']

export default defineConfig({
  test: {
    includeTaskLocation: true,
    teardownTimeout: 30_000,
    // Unit and contract tests as Allure results of their own, where they are asked for; verdicts on entries come from evidence, never from here.
    reporters:
      allureResults === undefined
        ? ['default']
        : ['default', ['allure-vitest/reporter', { resultsDir: allureResults, reportMatchers: false }]],
    // What is ours and ships or judges: also files that no test loads.
    coverage: {
      provider: 'v8',
      include: ['{spec,stack,fixtures,reports,cli,reference,chaos,perf,scenarios}/**/*.ts', 'suites/kit.ts', 'suites/kit/**/*.ts'],
      exclude: ['**/*.test.ts', '**/testing/**', '**/generated/**'],
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{spec,reference,fixtures,stack,chaos,perf,fuzz,scenarios,liars,reports,cli,ci}/**/*.test.ts',
            'suites/kit/**/*.test.ts',
          ],
          exclude: ['**/*.contract.test.ts', '**/node_modules/**', 'ci/tiny/**', 'ci/foreign/**'],
          // Everything else of a check runs beside them.
          testTimeout: 20_000,
        },
      },
      {
        // What plug-in parts promise, tried on real ones: these start processes.
        test: {
          name: 'contract',
          include: ['{reference,stack,chaos,perf,scenarios,fuzz,liars,reports,cli}/**/*.contract.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The suites share one worker, so that stacks stay warm across files; nothing is tried twice.
        test: {
          name: 'system',
          include: [`${suites}/**/*.test.ts`],
          exclude: ['suites/kit/**'],
          tags: [...tags],
          isolate: false,
          fileParallelism: false,
          maxWorkers: 1,
          retry: 0,
          chaiConfig: { truncateThreshold: 0 },
          testTimeout: 120_000,
        },
      },
    ],
  },
})
