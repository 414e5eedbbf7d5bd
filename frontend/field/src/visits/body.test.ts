import { describe, expect, it } from 'vitest'
import { blankVisit, isBlank, missing, visitBody, visitEntry, type VisitForm } from './body'
import { household, levelOf } from './fixtures'
import { colleagues } from './people'
import { lacking, proposalEntry, rulesOf, stands } from './proposal'

const NOW = Date.parse('2026-11-26T02:00:00Z')
const PLACE = { lng: 122.4, lat: 37.1, accuracy: 8, at: '2026-11-26T02:00:00Z', moved: false }
const form = (more: Partial<VisitForm> = {}): VisitForm => ({
  ...blankVisit(new Date(NOW)),
  ...{ id: 'v1', place: PLACE, result: 'met' },
  ...more,
})

describe('what a visit lacks', () => {
  it('is how it went and where at first', () => {
    expect(missing(blankVisit(new Date(NOW)), null, NOW)).toEqual(['result', 'place'])
  })

  it.each([
    ['green', {}, []],
    ['yellow', {}, ['note']],
    ['yellow', { note: ' ' }, ['note']],
    ['yellow', { note: '送了药' }, []],
    ['yellow', { result: 'nobody_home' }, []],
    ['orange', {}, ['visitors', 'measure']],
    ['orange', { result: 'declined' }, ['visitors']],
    ['orange', { others: ['w2', 'w2'], measure: '约谈' }, []],
    ['red', { others: ['w2'] }, ['leader']],
    ['red', { others: ['w2'], result: 'nobody_home' }, ['leader']],
    ['red', { others: ['w2'], leader: 'boss' }, []],
  ] as [string, Partial<VisitForm>, string[]][])('for %s with %j is %j', (code, more, lacks) => {
    expect(missing(form(more), levelOf(code), NOW)).toEqual(lacks)
  })

  it('is somebody more where one was named twice', () => {
    const three = { ...levelOf('orange'), min_visitors: 3, measure_required: false }
    expect(missing(form({ others: ['w2', 'w2'] }), three, NOW)).toEqual(['visitors'])
    expect(missing(form({ others: ['w2', 'w3'] }), three, NOW)).toEqual([])
  })

  it('is a time that has been', () => {
    expect(missing(form({ visitedAt: '2026-11-26T02:05:00Z' }), null, NOW)).toEqual(['time'])
    expect(missing(form({ visitedAt: '2026-11-20T02:05:00Z' }), null, NOW)).toEqual([])
  })
})

describe('the body of a visit', () => {
  it('says what was written and leaves away what was not', () => {
    expect(visitBody(form(), 'h1', 'w1')).toEqual({
      household: 'h1',
      visited_at: '2026-11-26T02:00:00.000Z',
      position: { lng: 122.4, lat: 37.1, coord_type: 'wgs84', accuracy: 8, provider: 'phone' },
      result: 'met',
      visitors: ['w1'],
      photos: [],
    })
  })

  it('has the writer and each other visitor once', () => {
    const said = visitBody(form({ others: ['w2', 'w1', 'w2'], leader: ' boss ', note: 'a', measure: 'b' }), 'h1', 'w1')
    expect(said).toMatchObject({ visitors: ['w1', 'w2'], leader: 'boss', note: 'a', measure: 'b' })
  })

  it('goes to its own address, the pictures after it', () => {
    const entry = visitEntry(form({ pictures: [{ sha256: 'ff', size: 9, kind: 'near' }] }), 'h1', '2单元502室', 'w1')
    expect(entry).toMatchObject({
      ...{ id: 'v1', kind: 'visit', method: 'PUT', path: 'visits/v1', names: 'v1', chain: 'household:h1' },
      pictures: [{ sha256: 'ff', size: 9, kind: 'near', path: 'visits/v1/photos/ff', sent: false }],
    })
    expect(entry.body.photos).toEqual([{ sha256: 'ff', size: 9, kind: 'near' }])
  })
})

it('a form is blank until a person has done something', () => {
  expect(isBlank({ ...blankVisit(new Date(NOW)), place: PLACE })).toBe(true)
  expect(isBlank(form())).toBe(false)
  expect(isBlank({ ...blankVisit(new Date(NOW)), note: '在' })).toBe(false)
})

it('those go along who have work at the household', () => {
  const contact = (username: string | null, role: string | null, at: string) =>
    ({ username, role, at, name: username ?? '', role_name: role ?? '', at_name: at }) as never
  const contacts = [
    contact('w2', 'grid_worker', 'g1'),
    contact('w2', 'grid_worker', 'c1'),
    contact('c1', 'community_admin', 'c1'),
    contact('far', 'grid_worker', 'g9'),
    contact('water', 'department_staff', 'c1'),
    contact(null, null, 'c1'),
  ]
  expect(colleagues(contacts, ['g1', 'c1', 's1']).map((one) => one.username)).toEqual(['w2', 'c1'])
  expect(colleagues(contacts, ['g1', 'c1', 's1'], true).map((one) => one.username)).toEqual(['c1'])
})

describe('a proposed colour', () => {
  it('follows the rules of the graver level', () => {
    expect(rulesOf(levelOf('green'), levelOf('orange'))).toEqual({
      ...{ upwards: true, proposes: 'community', confirms: 'street' },
    })
    expect(rulesOf(levelOf('yellow'), levelOf('green'))).toEqual({
      ...{ upwards: false, proposes: 'worker', confirms: 'community' },
    })
    expect(rulesOf(null, levelOf('green'))).toEqual({ upwards: true, proposes: 'worker', confirms: '' })
  })

  it.each([
    ['grid_worker', 'g1', 'grid', 'worker', true],
    ['grid_worker', 'g1', 'grid', 'community', false],
    ['grid_worker', 'g9', 'grid', 'worker', false],
    ['community_admin', 'c1', 'community', 'community', true],
    ['community_admin', 'c1', 'community', 'street', false],
    ['street_leader', 's1', 'street', 'street', true],
    ['street_leader', 's9', 'street', 'street', false],
    ['assistant', 'g1', 'grid', 'worker', false],
    ['department_staff', 'c1', '', 'worker', false],
  ] as const)('%s at %s (%s) and one for the %s: %s', (role, at, level, standing, may) => {
    const me = { is_superuser: false, appointments: [{ role, at, level, role_name: '', at_name: '' }] }
    expect(stands(me, household('h1', 'green'), 's1', standing)).toBe(may)
    expect(stands({ ...me, is_superuser: true }, household('h1', 'green'), 's1', standing)).toBe(true)
    expect(stands(undefined, household('h1', 'green'), 's1', standing)).toBe(true)
  })

  it('wants a colour, a reason and a note', () => {
    const blank = { id: 'p1', to: '', reason: '', note: '' }
    expect(lacking(blank)).toBe('to')
    expect(lacking({ ...blank, to: 'red' })).toBe('reason')
    expect(lacking({ ...blank, to: 'red', reason: 'hazard', note: ' ' })).toBe('note')
    expect(lacking({ ...blank, to: 'red', reason: 'hazard', note: '煤气' })).toBeNull()
  })

  it('is known by the household its answer names', () => {
    const entry = proposalEntry({ id: 'p1', to: 'red', reason: 'hazard', note: ' 煤气 ' }, 'h1', '颜色')
    expect(entry).toMatchObject({ names: 'h1', namedAt: ['household', 'id'], chain: 'household:h1', method: 'POST' })
    expect(entry.body).toEqual({ to: 'red', reason: 'hazard', note: '煤气', request_id: 'p1' })
  })
})
