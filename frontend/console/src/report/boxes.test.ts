import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { between, fromRows, moved, sized, SMALLEST, type Box } from './boxes'

const corner = fc.record({
  x: fc.double({ min: -1, max: 2, noNaN: true }),
  y: fc.double({ min: -1, max: 2, noNaN: true }),
})
const inside = ({ x, y, width, height }: Box) =>
  x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1.0001 && y + height <= 1.0001

describe('boxes on a picture', () => {
  it('lie between two corners whichever was first', () => {
    const box = { x: 0.2, y: 0.3, width: 0.4, height: 0.1 }
    expect(between({ x: 0.2, y: 0.3 }, { x: 0.6, y: 0.4 })).toEqual(box)
    expect(between({ x: 0.6, y: 0.4 }, { x: 0.2, y: 0.3 })).toEqual(box)
  })

  it('are none where the pointer hardly moved', () => {
    expect(between({ x: 0.5, y: 0.5 }, { x: 0.5 + SMALLEST / 2, y: 0.9 })).toBeNull()
  })

  it('never leave the picture, however they are drawn, moved and sized', () => {
    const step = fc.tuple(
      fc.boolean(),
      fc.double({ min: -2, max: 2, noNaN: true }),
      fc.double({ min: -2, max: 2, noNaN: true }),
    )
    fc.assert(
      fc.property(corner, corner, fc.array(step), (one, other, steps) => {
        let box = between(one, other)
        if (!box) return
        expect(inside(box)).toBe(true)
        for (const [size, across, down] of steps) {
          box = size ? sized(box, across, down) : moved(box, across, down)
          expect(inside(box)).toBe(true)
        }
      }),
    )
  })

  it('come back as the server keeps them', () => {
    expect(fromRows([[0.25, 0.25, 0.5, 0.5]])).toEqual([{ x: 0.25, y: 0.25, width: 0.5, height: 0.5 }])
  })
})
