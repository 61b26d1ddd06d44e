import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    includeTaskLocation: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{spec,reference,fixtures,stack,chaos,perf,scenarios,liars,reports,cli,ci}/**/*.test.ts', 'suites/kit/**/*.test.ts'],
        },
      },
    ],
  },
})
