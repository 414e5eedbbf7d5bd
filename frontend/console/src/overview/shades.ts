/** How much is how dark on the map: five steps of one hue, said by a legend with their bounds. */

export interface Shade {
  from: number
  to: number
  fill: string
}

const FILLS = ['#dbe7fb', '#a9c5f4', '#6c9be8', '#3a6fd0', '#1c449b']
export const NOTHING = '#f3f5f8'

/** At most five steps of equal width that reach from 1 to the largest count; none where all are nought. */
export function shadesFor(counts: number[]): Shade[] {
  const most = Math.max(0, ...counts)
  if (!most) return []
  const steps = Math.min(FILLS.length, most)
  const width = Math.ceil(most / steps)
  const shades: Shade[] = []
  for (let from = 1; from <= most; from += width) shades.push({ from, to: Math.min(most, from + width - 1), fill: '' })
  // The last step is the darkest, however few there are.
  return shades.map((shade, index) => ({ ...shade, fill: FILLS[FILLS.length - shades.length + index] ?? NOTHING }))
}

export function fillOf(count: number, shades: Shade[]): string {
  return shades.find(({ from, to }) => count >= from && count <= to)?.fill ?? NOTHING
}
