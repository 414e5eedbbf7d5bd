import { describe, expect, it } from 'vitest'
import { byBuilding } from './buildings'
import { contrast, counted, gravest, initialOf, inkOn, UNRATED } from './colours'
import { turnsOf } from './due'
import { matches, nearestFirst } from './finding'
import { BUILDING, household, LEVELS } from './fixtures'

const TODAY = '2026-11-26'
const other = { ...BUILDING, id: 'b2', number: '10号楼', lng: 122.5 }
const homes = [
  household('a', 'green', { door: '2单元502室' }),
  household('b', 'red', { door: '1单元1001室', next_visit_due: '2026-11-20' }),
  household('c', null, { door: '1单元201室' }),
  household('d', 'green', { building: other, door: '301室', next_visit_due: '2026-12-20' }),
  household('e', 'yellow', { building: null, door: '台上村18号', lng: 122.6, lat: 37.2, next_visit_due: TODAY }),
  household('f', 'yellow', { building: null, door: '台上村2号' }),
]
const turns = turnsOf(homes, new Map(), LEVELS)

describe('by building', () => {
  const groups = byBuilding(turns, TODAY)

  it('buildings stand in the order people count, houses after them', () => {
    expect(groups.map(({ id, name, turns }) => [id, name, turns.length])).toEqual([
      ['b1', '恒山小区3号楼', 3],
      ['b2', '恒山小区10号楼', 1],
      ['grid:g1', '', 2],
    ])
  })

  it('a building falls into units, a unit into doors', () => {
    expect(groups[0].units.map(({ name, turns }) => [name, ...turns.map((one) => one.household.door)])).toEqual([
      ['1', '1单元201室', '1单元1001室'],
      ['2', '2单元502室'],
    ])
    expect(groups[1].units.map(({ name }) => name)).toEqual([''])
    expect(groups[2].units[0].turns.map((one) => one.household.door)).toEqual(['台上村2号', '台上村18号'])
  })

  it('says how many are due', () => {
    expect(groups.map(({ due }) => due)).toEqual([1, 0, 1])
  })
})

describe('colours', () => {
  it('of a building is the gravest in it', () => {
    expect(gravest(homes.slice(0, 3))?.code).toBe('red')
    expect(gravest([homes[2]])).toBeNull()
    expect(gravest([])).toBeNull()
  })

  it('are counted, the gravest first', () => {
    expect(counted(homes).map(({ level, count }) => [level?.code, count])).toEqual([
      ['red', 1],
      ['yellow', 2],
      ['green', 2],
      [undefined, 1],
    ])
  })

  it('are told apart without seeing them', () => {
    const letters = LEVELS.map(initialOf)
    expect(new Set(letters).size).toBe(LEVELS.length)
    expect(initialOf({ code: 'own', name: '特别关注', colour: '#123456', rank: 9 })).toBe('特')
  })

  it.each([...LEVELS.map(({ colour }) => colour), UNRATED, '#2563eb', '#ffffff', '#000000'])(
    'carry a letter that can be read: %s',
    (colour) => expect(contrast(colour, inkOn(colour))).toBeGreaterThanOrEqual(4.5),
  )
})

describe('finding', () => {
  it.each([
    ['502', ['a']],
    ['恒山 10号', ['d']],
    ['小区3号楼 1单元', ['b', 'c']],
    ['台上村', ['e', 'f']],
    ['５０２', ['a']],
    ['李', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['王', []],
  ])('%s', (text, ids) => {
    expect(homes.filter((one) => matches(one, text)).map((one) => one.id)).toEqual(ids)
  })

  it('goes to the nearest first and last to those without a place', () => {
    const found = nearestFirst(turns, { lng: 122.5, lat: 37.1 })
    expect(found.map(({ turn }) => turn.household.id)).toEqual(['d', 'a', 'b', 'c', 'e', 'f'])
    expect(found[0].metres).toBe(0)
    expect(found[1].metres).toBeCloseTo(8_869, -2)
    expect(found.at(-1)?.metres).toBeNull()
  })
})
