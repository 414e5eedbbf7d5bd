import { expect, test } from 'vitest'
import { askedIn, daysOf, isPeriod, queryOf } from './asked'

const range = { first: '2026-11-03', last: '2026-11-20' }

test('a week begins on Monday, a month on its first day, both end today', () => {
  expect(daysOf('today', range, '2026-11-26')).toEqual({ first: '2026-11-26', last: '2026-11-26' })
  expect(daysOf('week', range, '2026-11-26')).toEqual({ first: '2026-11-23', last: '2026-11-26' })
  expect(daysOf('week', range, '2026-11-29')).toEqual({ first: '2026-11-23', last: '2026-11-29' })
  expect(daysOf('week', range, '2026-11-30')).toEqual({ first: '2026-11-30', last: '2026-11-30' })
  expect(daysOf('week', range, '2027-01-01')).toEqual({ first: '2026-12-28', last: '2027-01-01' })
  expect(daysOf('month', range, '2026-11-26')).toEqual({ first: '2026-11-01', last: '2026-11-26' })
  expect(daysOf('range', range, '2026-11-26')).toEqual(range)
})

test('a period runs forwards and has at most 366 days', () => {
  expect(isPeriod({ first: '2026-01-01', last: '2026-01-01' })).toBe(true)
  expect(isPeriod({ first: '2026-01-02', last: '2026-01-01' })).toBe(false)
  expect(isPeriod({ first: '2025-11-26', last: '2026-11-26' })).toBe(true)
  expect(isPeriod({ first: '2025-11-25', last: '2026-11-26' })).toBe(false)
  expect(isPeriod({ first: '', last: '2026-11-26' })).toBe(false)
})

test('what is asked survives the way through the address', () => {
  const asked = { area: '371082007', period: 'range' as const, range, by: 'item' as const }
  expect(askedIn(queryOf(asked), '2026-11-26')).toEqual(asked)
  expect(queryOf({ period: 'today', range })).toEqual({})
  expect(askedIn({ period: 'range', first: 'x', by: 'colour' }, '2026-11-26')).toMatchObject({
    period: 'today',
    by: undefined,
  })
})
