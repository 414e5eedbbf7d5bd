import { expect, it } from 'vitest'
import { hoursOf, skillsOf } from './volunteers'

it('parts skills however they are typed, each once', () => {
  expect(skillsOf('水电、急救, 急救  心理；')).toEqual(['水电', '急救', '心理'])
  expect(skillsOf(' ')).toEqual([])
})

it('proposes the hours between coming and leaving in quarters', () => {
  expect(hoursOf('2026-11-24T10:00:00Z', '2026-11-24T11:50:00Z')).toBe(1.75)
  expect(hoursOf('2026-11-24T10:00:00Z', null, Date.parse('2026-11-24T10:31:00Z'))).toBe(0.5)
  expect(hoursOf(null, null)).toBe(0)
})
