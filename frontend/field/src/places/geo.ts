/** Distances and grids, reckoned on the phone as the server does. Degrees WGS-84, metres. */
import type { Grid, Place } from '@/store/db'
import { t } from '@/words'

const EARTH_RADIUS = 6_371_008.8
const METRES_PER_DEGREE = 111_320
/** Some 10 cm: the last decimal of stored boundaries, so that no crack opens between neighbours. */
const TOLERANCE = 1e-6

export interface Point {
  lng: number
  lat: number
}

type Ring = [number, number][]
type Boundary = { type: 'Polygon'; coordinates: Ring[] } | { type: 'MultiPolygon'; coordinates: Ring[][] }

const radians = (degrees: number) => (degrees * Math.PI) / 180

/** Along the sphere (haversine). */
export function metresBetween(a: Point, b: Point): number {
  const north = radians(b.lat - a.lat) / 2
  const east = radians(b.lng - a.lng) / 2
  const chord = Math.sin(north) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(east) ** 2
  return 2 * EARTH_RADIUS * Math.asin(Math.sqrt(Math.min(chord, 1)))
}

function polygonsOf(grid: Grid): Ring[][] {
  const boundary = grid.geometry as Boundary | null
  if (!boundary) return []
  return boundary.type === 'Polygon' ? [boundary.coordinates] : boundary.coordinates
}

function inRing(ring: Ring, lng: number, lat: number): boolean {
  let inside = false
  for (let here = 0, before = ring.length - 1; here < ring.length; before = here++) {
    const [x1, y1] = ring[here]
    const [x2, y2] = ring[before]
    if (y1 > lat !== y2 > lat && lng < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside
  }
  return inside
}

/** From the point to the nearest edge, with a degree of longitude counted `wide` of one of latitude. */
function toEdge(ring: Ring, lng: number, lat: number, wide: number): number {
  let nearest = Infinity
  for (let at = 1; at < ring.length; at++) {
    const [x, y] = [(ring[at - 1][0] - lng) * wide, ring[at - 1][1] - lat]
    const [dx, dy] = [(ring[at][0] - ring[at - 1][0]) * wide, ring[at][1] - ring[at - 1][1]]
    const along = Math.min(1, Math.max(0, -(x * dx + y * dy) / (dx * dx + dy * dy || 1)))
    nearest = Math.min(nearest, Math.hypot(x + along * dx, y + along * dy))
  }
  return nearest
}

const covers = (polygon: Ring[], lng: number, lat: number) =>
  inRing(polygon[0], lng, lat) && !polygon.slice(1).some((hole) => inRing(hole, lng, lat))

/** Metres to the grid, 0 inside; Infinity where its boundary is not known. */
export function metresToGrid(grid: Grid, lng: number, lat: number): number {
  const polygons = polygonsOf(grid)
  if (polygons.some((polygon) => covers(polygon, lng, lat))) return 0
  const wide = Math.cos(radians(lat))
  return Math.min(...polygons.flat().map((ring) => toEdge(ring, lng, lat, wide) * METRES_PER_DEGREE), Infinity)
}

/** The grid that covers the point; on a border the one with the lowest code, as on the server. */
export function gridAt(grids: readonly Grid[], lng: number, lat: number): Grid | null {
  const hits = grids.filter((grid) =>
    polygonsOf(grid).some(
      (polygon) => covers(polygon, lng, lat) || polygon.some((ring) => toEdge(ring, lng, lat, 1) <= TOLERANCE),
    ),
  )
  return hits.reduce<Grid | null>((lowest, grid) => (lowest && lowest.code < grid.code ? lowest : grid), null)
}

/** A point within the grid and how far from it anything in the grid can be: what is known where only the grid is. */
export function middleOf(grid: Grid): (Point & { reach: number }) | null {
  const polygons = polygonsOf(grid)
  if (!polygons.length) return null
  const largest = polygons.reduce((one, other) => (area(other[0]) > area(one[0]) ? other : one))
  const ring = largest[0]
  const lats = ring.map(([, y]) => y)
  const [south, north] = [Math.min(...lats), Math.max(...lats)]
  let best: Point & { width: number } = { lng: ring[0][0], lat: ring[0][1], width: 0 }
  // The middle of the widest stretch inside, along a few lines from west to east.
  for (let line = 1; line < 16; line++) {
    const lat = south + ((north - south) * line) / 16
    const crossings = largest.flatMap((one) => crossingsOf(one, lat)).sort((a, b) => a - b)
    for (let at = 1; at < crossings.length; at += 2) {
      const width = crossings[at] - crossings[at - 1]
      if (width > best.width) best = { lng: (crossings[at] + crossings[at - 1]) / 2, lat, width }
    }
  }
  const { lng, lat } = best
  const reach = Math.max(...polygons.flat(2).map(([x, y]) => metresBetween({ lng, lat }, { lng: x, lat: y })))
  return { lng, lat, reach }
}

function crossingsOf(ring: Ring, lat: number): number[] {
  const found: number[] = []
  for (let at = 1; at < ring.length; at++) {
    const [x1, y1] = ring[at - 1]
    const [x2, y2] = ring[at]
    if (y1 > lat !== y2 > lat) found.push(x1 + ((lat - y1) * (x2 - x1)) / (y2 - y1))
  }
  return found
}

function area(ring: Ring): number {
  let twice = 0
  for (let at = 1; at < ring.length; at++) twice += ring[at - 1][0] * ring[at][1] - ring[at][0] * ring[at - 1][1]
  return Math.abs(twice) / 2
}

/** 12 米, 1.2 公里, 12 公里. */
export function inWords(metres: number): string {
  if (metres < 999.5) return t('common.metres', { n: Math.round(metres) })
  return t('common.kilometres', { n: metres < 9950 ? (metres / 1000).toFixed(1) : Math.round(metres / 1000) })
}

/** A place as the API takes it in. */
export function asPosition(place: Place) {
  return {
    lng: place.lng,
    lat: place.lat,
    coord_type: 'wgs84' as const,
    accuracy: place.accuracy === null ? null : Math.min(place.accuracy, 100_000),
    provider: place.moved ? ('map' as const) : ('phone' as const),
  }
}
