import { expect, test } from 'vitest'
import { figureList } from './figureList'

test('an address of the server says what kind of list it is and of what', () => {
  const list = figureList(
    '/api/v1/figures/reports?figure=handled&department=SWJT&area=3710&first=2026-11-01&last=2026-11-26',
  )
  expect(list).toMatchObject({
    kind: 'reports',
    figure: 'handled',
    area: '3710',
    narrowed: 'SWJT',
    first: '2026-11-01',
  })
  expect(figureList('/api/v1/visits/figures/visits?column=late&first=2026-11-01&last=2026-11-26')).toMatchObject({
    kind: 'visits',
    column: 'late',
    area: '',
  })
})

test('no other address is opened', () => {
  for (const one of [undefined, null, '', '/api/v1/households', 'https://elsewhere/api/v1/figures/reports', 'toString'])
    expect(figureList(one)).toBeNull()
})
