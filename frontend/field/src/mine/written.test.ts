import { expect, it } from 'vitest'
import { writtenBefore } from './written'

it.each([
  ['2026-11-26T09:57:00Z', '2026-11-26T09:57:00Z'],
  ['2026-11-26T10:07:59Z', '2026-11-26T10:07:59Z'],
  ['2026-11-26T10:08:00Z', null],
  ['2026-11-26T10:10:05Z', null],
  [null, null],
  [undefined, null],
])('a report that arrived at 10:10:00 and was written %s tells %s', (captured_at, told) => {
  expect(writtenBefore({ captured_at, received_at: '2026-11-26T10:10:00Z' })).toBe(told)
})
