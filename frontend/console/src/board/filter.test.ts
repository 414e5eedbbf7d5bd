import { expect, test } from 'vitest'
import { fromAddress, fromSaved, isPool, pool, POOL, same, toAddress, toQuery, toSaved, type Filter } from './filter'

const read = (filter: Filter) =>
  fromAddress(JSON.parse(JSON.stringify(toAddress(filter))) as Parameters<typeof fromAddress>[0])

test('an address without conditions shows the pool and stays short', () => {
  expect(fromAddress({})).toEqual(pool())
  expect(toAddress(pool())).toEqual({})
  expect(toQuery(pool())).toEqual({ status: POOL })
})

test('any status is not the pool', () => {
  const any = { ...pool(), status: [] }
  expect(toAddress(any)).toEqual({ status: 'any' })
  expect(read(any)).toEqual(any)
  expect(toQuery(any)).toEqual({})
})

test('every condition comes back from the address', () => {
  const filter: Filter = {
    status: ['closed'],
    source: ['hotline', 'petition'],
    urgency: ['emergency'],
    light: 'red',
    overdue: true,
    area: '371082007',
    item: '01-01-001',
    department: 'SWJT',
    received_after: '2026-11-01T00:00:00+08:00',
    received_before: '2026-11-02T00:00:00+08:00',
    q: '井盖',
  }
  expect(read(filter)).toEqual(filter)
  expect(same(fromSaved(toSaved(filter)), filter)).toBe(true)
})

test('a filter saved for any status is not taken for the pool', () => {
  expect(fromSaved(toSaved({ ...pool(), status: [], light: 'red' })).status).toEqual([])
  expect(isPool(fromSaved(toSaved(pool())).status)).toBe(true)
})

test('what an address says wrongly is passed over', () => {
  expect(fromAddress({ status: 'nonsense', light: 'blue', source: [null, 'grid'], overdue: 'x' })).toEqual({
    status: [],
    source: ['grid'],
    urgency: [],
  })
})
