import { describe, expect, it } from 'vitest'
import type { Grid, Place } from '@/store/db'
import { asPosition, gridAt, inWords, metresBetween, metresToGrid, middleOf } from './geo'

const square = (west: number, south: number, side: number): [number, number][] => [
  [west, south],
  [west + side, south],
  [west + side, south + side],
  [west, south + side],
  [west, south],
]
const grid = (code: string, type: string, coordinates: unknown) =>
  ({ code, name: code, geometry: { type, coordinates } }) as unknown as Grid

const A = grid('a', 'Polygon', [square(122, 37, 0.01)])
const B = grid('b', 'Polygon', [square(122.01, 37, 0.01)])
const HOLED = grid('h', 'Polygon', [square(123, 37, 0.03), square(123.01, 37.01, 0.01)])
const TWO = grid('t', 'MultiPolygon', [[square(124, 37, 0.01)], [square(124.1, 37, 0.02)]])

describe('the grid of a point', () => {
  it('is the one that covers it', () => {
    expect(gridAt([A, B], 122.005, 37.005)).toBe(A)
    expect(gridAt([A, B], 122.015, 37.005)).toBe(B)
    expect(gridAt([A, TWO], 124.11, 37.01)).toBe(TWO)
  })
  it('is on a border the one with the lowest code, whatever their order', () => {
    expect(gridAt([B, A], 122.01, 37.005)).toBe(A)
    expect(gridAt([A, B], 122.01, 37.005)).toBe(A)
    expect(gridAt([A], 122.0100005, 37.005)).toBe(A)
  })
  it('is none outside, and none in a hole', () => {
    expect(gridAt([A, B], 122.005, 37.02)).toBeNull()
    expect(gridAt([HOLED], 123.015, 37.015)).toBeNull()
    expect(gridAt([HOLED], 123.005, 37.015)).toBe(HOLED)
  })
  it('is none where no boundary is known', () => {
    const unknown = { ...A, geometry: null } as unknown as Grid
    expect(gridAt([unknown], 122.005, 37.005)).toBeNull()
    expect(metresToGrid(unknown, 122.005, 37.005)).toBe(Infinity)
    expect(middleOf(unknown)).toBeNull()
  })
})

describe('metres', () => {
  it('along the sphere', () => {
    expect(metresBetween({ lng: 122, lat: 37 }, { lng: 122, lat: 38 })).toBeCloseTo(111_195, -1)
    expect(metresBetween({ lng: 122, lat: 37 }, { lng: 122.01, lat: 37 })).toBeCloseTo(888, 0)
  })
  it('to a grid are none inside, else those to its edge', () => {
    expect(metresToGrid(A, 122.005, 37.005)).toBe(0)
    expect(
      metresToGrid(A, 122.02, 37.005) / metresBetween({ lng: 122.01, lat: 37 }, { lng: 122.02, lat: 37 }),
    ).toBeCloseTo(1, 2)
    expect(metresToGrid(HOLED, 123.015, 37.015)).toBeGreaterThan(400)
  })
  it('in words', () => {
    expect([3.2, 999.4, 999.6, 1240, 12_400].map(inWords)).toEqual([
      '3 米',
      '999 米',
      '1.0 公里',
      '1.2 公里',
      '12 公里',
    ])
  })
})

it('the middle of a grid lies in it, also where it is bent, holed or in parts, and says how far it reaches', () => {
  const bent = grid('l', 'Polygon', [
    [
      [0, 0],
      [0.03, 0],
      [0.03, 0.01],
      [0.01, 0.01],
      [0.01, 0.03],
      [0, 0.03],
      [0, 0],
    ],
  ])
  for (const one of [A, bent, HOLED, TWO]) {
    const { lng, lat, reach } = middleOf(one)!
    expect(gridAt([one], lng, lat)).toBe(one)
    expect(metresToGrid(one, lng, lat)).toBe(0)
    expect(reach).toBeGreaterThan(500)
  }
})

it('a place goes out in WGS-84 with who found it, and never with an accuracy that the server refuses', () => {
  const place: Place = { lng: 122, lat: 37, accuracy: 2_000_000, at: '', moved: false }
  expect(asPosition(place)).toEqual({ lng: 122, lat: 37, coord_type: 'wgs84', accuracy: 100_000, provider: 'phone' })
  expect(asPosition({ ...place, accuracy: null, moved: true })).toMatchObject({ accuracy: null, provider: 'map' })
})
