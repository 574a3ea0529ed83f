import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // Most wait for databases, sockets and clocks: one process per core keeps a small machine busy.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.pg.test.ts', 'src/**/*.live.test.ts'],
          // Properties take seconds, and a busy machine makes them more.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'pg',
          include: ['src/**/*.pg.test.ts'],
          globalSetup: ['src/testing/postgres.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
