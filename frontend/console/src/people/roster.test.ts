import { describe, expect, it } from 'vitest'
import { addDays, daysAfter, onDay, uncovered, weekOf, type Shift } from './roster'

const turn = (starts_at: string, ends_at: string, more: Partial<Shift> = {}): Shift => ({
  id: starts_at,
  area: { code: '371082007', name: '崖头街道' },
  department: null as never,
  person: { username: 'wang', name: '王调度' },
  role: 'main',
  starts_at,
  ends_at,
  ...more,
})
const night = turn('2026-11-24T18:00:00+08:00', '2026-11-25T08:00:00+08:00')
const day = turn('2026-11-25T00:00:00Z', '2026-11-25T10:00:00Z')

describe('the days of a week', () => {
  it('go from Monday to Sunday, over the end of a year too', () => {
    expect(weekOf('2026-12-31')[0]).toBe('2026-12-28')
    expect(weekOf('2026-12-31')[6]).toBe('2027-01-03')
    expect(weekOf('2026-11-29')[0]).toBe('2026-11-23')
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01')
  })
})

describe('the turns of a day', () => {
  it('are those that begin in it and those that go on from the night before', () => {
    expect(onDay([day, night], '2026-11-24').map((one) => [one.shift.id, one.goesOn])).toEqual([[night.id, false]])
    expect(onDay([day, night], '2026-11-25').map((one) => one.goesOn)).toEqual([true, false])
    expect(onDay([night], '2026-11-26')).toEqual([])
  })

  it('say by how many days they end later, where 24:00 is the day itself', () => {
    expect(daysAfter('2026-11-24', night.ends_at)).toBe(1)
    expect(daysAfter('2026-11-24', '2026-11-25T00:00:00+08:00')).toBe(0)
  })
})

describe('hours without anybody in charge', () => {
  it('are what turns in force leave free, whoever is a deputy', () => {
    expect(uncovered([], '2026-11-25')).toEqual([['00:00', '24:00']])
    expect(uncovered([night, day], '2026-11-25')).toEqual([['18:00', '24:00']])
    expect(uncovered([night], '2026-11-24')).toEqual([['00:00', '18:00']])
    const deputy = { ...day, role: 'deputy' as const }
    const off = { ...day, cancelled_at: '2026-11-24T00:00:00Z' }
    expect(uncovered([deputy, off], '2026-11-25')).toEqual([['00:00', '24:00']])
  })

  it('are none where turns overlap through the day', () => {
    const late = turn('2026-11-25T17:00:00+08:00', '2026-11-26T09:00:00+08:00')
    expect(uncovered([late, day, night], '2026-11-25')).toEqual([])
  })
})
