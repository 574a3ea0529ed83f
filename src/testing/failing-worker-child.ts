import { systemClock } from '../base/index.ts'
import { workerMain } from '../collector/worker/worker-main.ts'

// A worker with a bug that shows when it is signalled.
process.on('SIGUSR2', () => {
  void Promise.reject(new Error('nobody caught this'))
})
await workerMain(process, systemClock)
