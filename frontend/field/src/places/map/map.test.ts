import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReportRow } from '@/store/db'
import { BUILDING, household } from '@/visits/fixtures'
import { homeMarkers, reportMarkers } from './data'
import { gather, REACH, type MapMarker } from './gathering'
import { tileAddress } from './ground'

describe('markers of homes', () => {
  const { markers, unplaced } = homeMarkers([
    household('a', 'green'),
    household('b', 'red'),
    household('c', null),
    household('own', 'yellow', { lng: 122.41, lat: 37.11 }),
    household('house', null, { building: null, door: '台上村2号', lng: 122.42, lat: 37.12 }),
    household('nowhere', 'red', { building: { ...BUILDING, id: 'b9', lng: null, lat: null } }),
  ])
  const of = (id: string) => markers.find((one) => one.id === id)

  it('are one for a building, in its gravest colour, with how many live there', () => {
    expect(of('building:b1')).toMatchObject({
      ...{ lng: 122.4, lat: 37.1, colour: '#dc2626', sign: '红', count: 3, rank: 5 },
      label: '恒山小区3号楼：3 户，最高 重点管控',
      to: { name: 'visits', query: { view: 'building', building: 'b1' } },
    })
  })

  it('are one each where a household has a place of its own', () => {
    expect(of('household:own')).toMatchObject({ lng: 122.41, count: 1, to: { params: { id: 'own' } } })
    expect(of('household:house')).toMatchObject({ sign: '未', label: '台上村2号：未评定' })
  })

  it('count those without any place', () => {
    expect(markers).toHaveLength(3)
    expect(unplaced).toBe(1)
  })
})

describe('markers of reports', () => {
  const NOW = Date.parse('2026-11-26T02:00:00Z')
  const report = (id: string, more: Partial<ReportRow> = {}) =>
    ({
      id,
      status: 'in_progress',
      item_name: '井盖缺失',
      lng: 1,
      lat: 2,
      light: 'green',
      due_at: null,
      ...more,
    }) as ReportRow

  it('are of the open ones only', () => {
    const all = (['closed', 'void', 'rejected', 'merged', 'submitted', 'callback'] as const).map((status) =>
      report(status, { status }),
    )
    expect(reportMarkers(all, NOW).map((one) => one.id)).toEqual(['report:submitted', 'report:callback'])
  })

  it('turn red when they are due, with signal or without', () => {
    const [one] = reportMarkers([report('a', { due_at: '2026-11-26T01:59:00Z' })], NOW)
    expect(one).toMatchObject({ sign: '红', label: '事件：井盖缺失，红灯', rank: 3 })
  })

  it('say so where there is no deadline', () => {
    expect(reportMarkers([report('a', { light: '' })], NOW)[0].label).toBe('事件：井盖缺失，无时限')
  })
})

describe('gathering', () => {
  const marker = (id: string, lng: number, lat: number, more: Partial<MapMarker> = {}): MapMarker => ({
    ...{ id, kind: 'home', lng, lat, label: id, colour: '#16a34a', rank: 1, sign: '绿', count: 1, to: '/' },
    ...more,
  })
  const project = ({ lng, lat }: MapMarker) => ({ x: lng, y: lat })

  it('puts what lies within a thumb together, the gravest in front', () => {
    const groups = gather([marker('a', 0, 0), marker('b', 30, 0, { rank: 5, count: 12 }), marker('c', 200, 0)], project)
    expect(groups.map(({ worst, count, members }) => [worst.id, count, members.length])).toEqual([
      ['b', 13, 2],
      ['c', 1, 1],
    ])
  })

  it('puts the gravest report beside homes, and counts the households only', () => {
    const report = (id: string, rank: number) => marker(id, 5, 0, { kind: 'report', rank })
    const [group] = gather([report('mild', 1), report('grave', 3), marker('a', 0, 0, { count: 7 })], project)
    expect(group).toMatchObject({ worst: { id: 'a' }, beside: { id: 'grave' }, count: 7 })
    expect(group.members).toHaveLength(3)
    expect(gather([report('mild', 1), report('grave', 3)], project)).toMatchObject([
      { worst: { id: 'grave' }, beside: null, count: 2 },
    ])
  })

  it('loses nothing and leaves room for a thumb between groups', () => {
    const point = fc.record({ x: fc.integer({ min: -300, max: 300 }), y: fc.integer({ min: -300, max: 300 }) })
    fc.assert(
      fc.property(fc.array(point, { maxLength: 80 }), (points) => {
        const groups = gather(
          points.map(({ x, y }, at) => marker(String(at), x, y, { rank: at % 5, kind: at % 3 ? 'home' : 'report' })),
          project,
        )
        const ids = groups.flatMap(({ members }) => members.map((one) => one.id))
        expect(new Set(ids).size).toBe(points.length)
        for (const one of groups)
          for (const two of groups)
            if (one !== two) expect(Math.hypot(one.lng - two.lng, one.lat - two.lat)).toBeGreaterThanOrEqual(REACH)
      }),
    )
  })
})

it('tiles come from 天地图 alone', () => {
  const address = tileAddress('vec', 'a&b')
  expect(address).toMatch(/^https:\/\/t\{s\}\.tianditu\.gov\.cn\/vec_w\/wmts\?/)
  expect(address).toContain('tk=a%26b')
})
