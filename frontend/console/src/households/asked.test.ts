import { expect, test } from 'vitest'
import { addressOf, conditions, lookedFor } from './asked'
import { dayAhead, daysLate } from './when'

test('what is looked for survives the way through the address', () => {
  const query = { colour: 'red', due: 'week', unconfirmed: 'true', grid: '371082007032002' }
  expect(addressOf(lookedFor(query))).toEqual(query)
  expect(addressOf(lookedFor({ due: 'never', unconfirmed: 'no' }))).toEqual({})
})

test('the server is asked by a day', () => {
  const looked = lookedFor({ colour: 'red', due: 'week' })
  expect(conditions(looked, '2026-12-28')).toEqual({ colour: ['red'], due_by: '2027-01-04' })
  expect(conditions(lookedFor({ due: 'today' }), '2026-11-26')).toEqual({ due_by: '2026-11-26' })
})

test('days late are whole days', () => {
  expect(daysLate('2026-11-25', '2026-11-26')).toBe(1)
  expect(daysLate('2026-11-26', '2026-11-26')).toBe(0)
  expect(daysLate('2026-12-02', '2026-11-26')).toBe(-6)
  expect(dayAhead(5, '2026-11-26')).toBe('2026-12-01')
})
