import { expect, it } from 'vitest'
import type { ReportRow } from '@/store/db'
import { nearHere, together, WITHIN } from './nearby'

const NOW = new Date('2026-05-06T08:00:00Z')
const HERE = { lng: 122.4, lat: 37.1, accuracy: 5, at: '', moved: false }
const row = (id: string, more: Partial<ReportRow> = {}) =>
  ({
    id,
    item: 'a',
    status: 'accepted',
    lng: 122.4,
    lat: 37.1,
    received_at: '2026-05-06T07:00:00Z',
    ...more,
  }) as ReportRow

it('what may be the same matter is of the same item, near, of the last hours and not ended', () => {
  const rows = [
    row('near', { lat: 37.1003 }),
    row('here'),
    row('other item', { item: 'b' }),
    row('far', { lat: 37.1006 }),
    row('old', { received_at: '2026-05-05T07:59:00Z' }),
    row('void', { status: 'void' }),
  ]
  expect(nearHere(rows, 'a', HERE, NOW, WITHIN).map(({ id }) => id)).toEqual(['here', 'near'])
  expect(nearHere(rows, 'a', HERE, NOW, { nearby_metres: 100, nearby_hours: 48 })).toHaveLength(4)
})

it('what phone and server both know is shown once', () => {
  const [here] = nearHere([row('here')], 'a', HERE, NOW, WITHIN)
  expect(
    together(
      [here],
      [
        { ...here, metres: 9 },
        { ...here, id: 'there', metres: 3 },
      ],
    ).map(({ id }) => id),
  ).toEqual(['here', 'there'])
})
