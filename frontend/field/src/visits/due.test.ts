import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, dayOf, daysBetween } from './days'
import { byDay, dueAfter, turnOf, turnsOf } from './due'
import { household, LEVELS } from './fixtures'
import { queuedVisits, type QueuedVisit } from './queued'

const TODAY = '2026-11-26'
const visit = (more: Partial<QueuedVisit> = {}): QueuedVisit => ({
  ...{ id: 'v1', visitedAt: '2026-11-26T02:00:00.000Z', result: 'met', refused: false },
  ...more,
})

describe('days', () => {
  it('begin at midnight in Shanghai', () => {
    expect(dayOf('2026-11-25T15:59:59Z')).toBe('2026-11-25')
    expect(dayOf('2026-11-25T16:00:00Z')).toBe('2026-11-26')
    expect(dayOf('2026-11-26T00:30:00+08:00')).toBe('2026-11-26')
  })

  it('are counted over months and leap years', () => {
    expect(addDays('2028-02-28', 2)).toBe('2028-03-01')
    expect(daysBetween('2026-12-31', '2027-01-01')).toBe(1)
  })

  it('added come back when counted', () => {
    fc.assert(fc.property(fc.integer({ min: -900, max: 900 }), (n) => daysBetween(TODAY, addDays(TODAY, n)) === n))
  })
})

describe('the day due', () => {
  it('is the interval of the colour after the visit', () => {
    expect(dueAfter('2026-11-26T02:00:00Z', 'orange', LEVELS)).toBe('2026-12-11')
  })

  it('is reckoned from the day in Shanghai', () => {
    expect(dueAfter('2026-11-26T16:30:00Z', 'red', LEVELS)).toBe('2026-12-04')
  })

  it('is none without a colour', () => {
    expect(dueAfter('2026-11-26T02:00:00Z', undefined, LEVELS)).toBeNull()
  })
})

describe('a turn', () => {
  const home = household('h1', 'orange', { next_visit_due: '2026-11-20', last_visit_at: '2026-11-05T10:00:00+08:00' })

  it('is as the server said', () => {
    expect(turnOf(home, null, LEVELS)).toMatchObject({ due: '2026-11-20', queued: null })
  })

  it('moves on with a visit that waits to be sent', () => {
    const turn = turnOf(home, visit(), LEVELS)
    expect(turn).toMatchObject({ due: '2026-12-11', lastVisitAt: '2026-11-26T02:00:00.000Z' })
    expect(turn.queued?.id).toBe('v1')
  })

  it.each([
    ['nobody was met', { result: 'nobody_home' as const }],
    ['the visit was declined', { result: 'declined' as const }],
    ['the server refused it', { refused: true }],
    ['it is older than the last one', { visitedAt: '2026-11-01T02:00:00.000Z' }],
  ])('stays where %s', (_why, more) => {
    expect(turnOf(home, visit(more), LEVELS)).toMatchObject({ due: '2026-11-20', queued: more })
  })
})

describe('the queue', () => {
  const entry = (id: string, at: string, result: string, state: 'waiting' | 'refused' = 'waiting', kind = 'visit') => ({
    ...{ id, kind: kind as 'visit', state },
    body: { household: 'h1', visited_at: at, result },
  })

  it('tells the latest visit that counts', () => {
    const found = queuedVisits([
      entry('a', '2026-11-26T01:00:00Z', 'met'),
      entry('b', '2026-11-26T09:30:00+08:00', 'met'),
      entry('c', '2026-11-26T03:00:00Z', 'nobody_home'),
      entry('d', '2026-11-26T04:00:00Z', 'met', 'refused'),
      entry('e', '2026-11-26T05:00:00Z', 'met', 'waiting', 'report'),
    ])
    expect(found.get('h1')?.id).toBe('b')
  })

  it('tells of a visit in vain where there is no other', () => {
    expect(queuedVisits([entry('c', '2026-11-26T03:00:00Z', 'nobody_home')]).get('h1')?.id).toBe('c')
  })
})

describe('the list by day', () => {
  const due = (id: string, day: string | null, colour = 'green') => household(id, colour, { next_visit_due: day })
  const homes = [
    due('later', '2026-12-04'),
    due('seventh', '2026-12-03'),
    due('today', TODAY),
    due('late', '2026-11-25'),
    due('latest', '2026-10-01'),
    due('grave', TODAY, 'red'),
    due('never', null),
  ]
  const groups = (visits = new Map<string, QueuedVisit>()) =>
    byDay(turnsOf(homes, visits, LEVELS), TODAY).map(({ kind, day, turns }) => [
      kind,
      day,
      ...turns.map((turn) => turn.household.id),
    ])

  it('has the longest overdue first, the graver colour before, and seven days ahead', () => {
    expect(groups()).toEqual([
      ['overdue', '2026-11-25', 'latest', 'late'],
      ['today', TODAY, 'grave', 'today'],
      ['ahead', '2026-12-03', 'seventh'],
    ])
  })

  it('lets go of a household whose visit waits to be sent', () => {
    expect(groups(new Map([['latest', visit()]]))[0]).toEqual(['overdue', '2026-11-25', 'late'])
  })

  it('shows it under its next day where that is near', () => {
    expect(groups(new Map([['grave', visit()]])).at(-1)).toEqual(['ahead', '2026-12-03', 'grave', 'seventh'])
  })

  it('loses nobody who is due within the week, and shows nobody twice', () => {
    const days = fc.array(fc.option(fc.integer({ min: -400, max: 40 })), { maxLength: 60 })
    fc.assert(
      fc.property(days, (offsets) => {
        const some = offsets.map((n, at) => due(`h${at}`, n === null ? null : addDays(TODAY, n)))
        const shown = byDay(turnsOf(some, new Map(), LEVELS), TODAY).flatMap(({ turns }) => turns)
        const wanted = offsets.filter((n) => n !== null && n <= 7).length
        return shown.length === wanted && new Set(shown.map((turn) => turn.household.id)).size === wanted
      }),
    )
  })
})
