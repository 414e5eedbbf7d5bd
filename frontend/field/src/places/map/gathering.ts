/** What stands on the map, and how things that lie close together at a zoom become one that can be hit with a thumb. */
import type { RouteLocationRaw } from 'vue-router'

export interface MapMarker {
  id: string
  kind: 'home' | 'report'
  lng: number
  lat: number
  /** In words: the name read out and shown in lists. */
  label: string
  /** #rrggbb */
  colour: string
  /** The graver of several shows. */
  rank: number
  /** A letter for the colour, so that it is never the only sign. */
  sign: string
  /** Households in it, or 1. */
  count: number
  to: RouteLocationRaw
}

export interface Gathered {
  lng: number
  lat: number
  /** The gravest home; where there is none, the gravest report. */
  worst: MapMarker
  /** The gravest report beside homes. */
  beside: MapMarker | null
  /** Households, or where there are none reports. */
  count: number
  members: MapMarker[]
}

interface Pixels {
  x: number
  y: number
}

/** A thumb's width. */
export const REACH = 44

const homesFirst = (a: MapMarker, b: MapMarker) =>
  Number(a.kind !== 'home') - Number(b.kind !== 'home') || b.rank - a.rank

/**
 * Markers within a thumb of each other, the gravest in front. `project` gives pixels of the map at the zoom. Each is
 * compared with what lies in the cells around it only.
 */
export function gather(markers: readonly MapMarker[], project: (marker: MapMarker) => Pixels): Gathered[] {
  const groups: (Gathered & Pixels)[] = []
  const cells = new Map<string, (Gathered & Pixels)[]>()
  for (const marker of [...markers].sort(homesFirst)) {
    const { x, y } = project(marker)
    const [column, row] = [Math.floor(x / REACH), Math.floor(y / REACH)]
    const near = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].flatMap((dy) => cells.get(`${column + dx}:${row + dy}`) ?? []))
    const home = near.find((group) => Math.hypot(group.x - x, group.y - y) < REACH)
    if (home) {
      home.members.push(marker)
      if (marker.kind === home.worst.kind) home.count += marker.count
      else home.beside ??= marker
      continue
    }
    const { lng, lat, count } = marker
    const group = { lng, lat, worst: marker, beside: null, count, members: [marker], x, y }
    groups.push(group)
    const key = `${column}:${row}`
    cells.set(key, [...(cells.get(key) ?? []), group])
  }
  return groups.map(({ x: _x, y: _y, ...group }) => group)
}
