// Writes the process's high-water mark of memory, in MB, as it exits. ru_maxrss would do, had Linux not counted
// into it what the parent held when it forked.
const { readFileSync, writeFileSync } = require('node:fs')

process.on('exit', () => {
  let kb
  try {
    kb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  } catch {
    kb = process.resourceUsage().maxRSS
  }
  writeFileSync(process.env.KX_BENCH_PEAK, String(Math.round((kb / 1024) * 10) / 10))
})
