import { expect, test } from 'vitest'
import { fillOf, NOTHING, shadesFor } from './shades'

test('the steps reach from one to the largest count without a gap', () => {
  for (const most of [1, 2, 3, 4, 5, 6, 7, 11, 12, 23, 100, 1013]) {
    const shades = shadesFor([0, most, 1])
    expect(shades.length).toBeLessThanOrEqual(5)
    expect(shades[0]!.from).toBe(1)
    expect(shades.at(-1)!.to).toBe(most)
    shades.slice(1).forEach((shade, index) => expect(shade.from).toBe(shades[index]!.to + 1))
    expect(fillOf(most, shades)).toBe('#1c449b')
    expect(fillOf(0, shades)).toBe(NOTHING)
  }
})

test('where all are nought there are no steps', () => {
  expect(shadesFor([0, 0])).toEqual([])
  expect(shadesFor([])).toEqual([])
})
