import { expect, test } from 'vitest'
import { parted } from './window'

const ANCHOR = Date.parse('2026-11-26T10:00:00.500Z')
const EDGE = '2026-11-26T10:00:00.501Z'

test('every report is either in the part shown or in the part above it', () => {
  const { below, above } = parted({ status: ['submitted'] }, ANCHOR)
  expect(below).toEqual({ status: ['submitted'], received_before: EDGE })
  expect(above).toEqual({ status: ['submitted'], received_after: EDGE })
})

test('the times a reader asked for stay the bounds', () => {
  const asked = { received_after: '2026-11-25T00:00:00.000Z', received_before: '2026-11-26T09:00:00.000Z' }
  const { below, above } = parted(asked, ANCHOR)
  expect(below).toEqual(asked)
  // Nothing can come above an end that has passed.
  expect(Date.parse(above.received_after as string)).toBeGreaterThan(Date.parse(above.received_before as string))
})
