/** Boxes on a picture, in parts of its width and height: drawn, moved and sized, never outside it. */

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

/** Below this a box cannot be seen, nor was it meant. */
export const SMALLEST = 0.005
const DIGITS = 10_000

const round = (side: number) => Math.round(side * DIGITS) / DIGITS
const within = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most)

/** Between two corners, in any order; null where there is next to nothing between them. */
export function between(one: { x: number; y: number }, other: { x: number; y: number }): Box | null {
  const [left, right] = [one.x, other.x].map((x) => within(x, 0, 1)).sort((a, b) => a - b) as [number, number]
  const [top, bottom] = [one.y, other.y].map((y) => within(y, 0, 1)).sort((a, b) => a - b) as [number, number]
  if (right - left < SMALLEST || bottom - top < SMALLEST) return null
  return { x: round(left), y: round(top), width: round(right - left), height: round(bottom - top) }
}

export function moved(box: Box, across: number, down: number): Box {
  return {
    ...box,
    x: round(within(box.x + across, 0, 1 - box.width)),
    y: round(within(box.y + down, 0, 1 - box.height)),
  }
}

export function sized(box: Box, across: number, down: number): Box {
  return {
    ...box,
    width: round(within(box.width + across, SMALLEST, 1 - box.x)),
    height: round(within(box.height + down, SMALLEST, 1 - box.y)),
  }
}

/** As the server writes them: x, y, width, height. */
export function fromRows(rows: readonly (readonly number[])[]): Box[] {
  return rows.map(([x = 0, y = 0, width = 0, height = 0]) => ({ x, y, width, height }))
}
