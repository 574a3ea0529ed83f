import { expect, test } from 'vitest'
import { stoppingText } from './stopping-text.ts'

test.each([
  ['collect', 'stopping: what was received is synced, then loaded and uploaded for at most 20 s'],
  ['collect --no-upload', 'stopping: what was received is synced, then loaded for at most 20 s'],
  ['collect --no-load', 'stopping: what was received is synced, then uploaded for at most 20 s'],
  ['collect --no-load --no-upload', 'stopping: what was received is synced'],
  ['run', 'interrupted: what is under way is rolled back'],
])('kx %s says what it does when it is stopped', (command, text) => {
  expect(stoppingText(['node', 'kx', ...command.split(' ')])).toBe(`${text}; once more to stop at once`)
})
