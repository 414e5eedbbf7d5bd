/** Finds items by Chinese, by pinyin, by initials, or by all of them mixed: 井盖, jinggai, jg, 井gai, 井g. */
import type { Item } from '@/store/db'

type Searched = Pick<Item, 'code' | 'name' | 'class_name' | 'spelling'>

/** How well an item fits; lower is better. */
const NAME_BEGINS = 0
const NAME_HAS = 1
const SPELT_FROM_START = 2
const SPELT_WITHIN = 3
const CLASS_OR_CODE = 4
const NOT = Infinity

/** Full-width letters are letters, ü is typed v, and 'xi'an' has no apostrophe. */
function normal(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/ü/g, 'v').replace(/['’·]/g, '')
}

/**
 * Whether `letters`, from character `start` on, are the characters themselves, their readings, or initials of these;
 * the last reading may be unfinished. All ways of cutting the letters are followed at once, so none takes long.
 */
function isSpelt(
  letters: string,
  characters: readonly string[],
  spelling: readonly (readonly string[])[],
  start: number,
) {
  let reached = new Set([0])
  for (let at = start; at < characters.length && reached.size; at++) {
    const next = new Set<number>()
    for (const done of reached)
      for (const reading of [characters[at], ...(spelling[at] ?? [])]) {
        const left = letters.length - done
        if (reading.length >= left ? reading.startsWith(letters.slice(done)) : letters.startsWith(reading, done)) {
          if (reading.length >= left) return true
          next.add(done + reading.length)
        }
        if (reading[0] === letters[done]) next.add(done + 1)
      }
    if (next.has(letters.length)) return true
    reached = next
  }
  return false
}

/** One word against one item. */
export function fit(word: string, item: Searched): number {
  const letters = normal(word)
  const name = normal(item.name)
  const at = name.indexOf(letters)
  if (at >= 0) return at === 0 ? NAME_BEGINS : NAME_HAS
  const characters = Array.from(item.name.toLowerCase())
  if (isSpelt(letters, characters, item.spelling, 0)) return SPELT_FROM_START
  for (let start = 1; start < characters.length; start++)
    if (isSpelt(letters, characters, item.spelling, start)) return SPELT_WITHIN
  return item.code.startsWith(letters) || normal(item.class_name).includes(letters) ? CLASS_OR_CODE : NOT
}

const HAN = /\p{Script=Han}/u

/**
 * How much of what was said in other words is in the name, 水管爆了 in 自来水爆管: its characters, and the pairs of them that
 * stand together, as less. 0 where less than two, or than half of them, are there.
 */
function likeness(said: readonly string[]): (item: Searched) => number {
  const wanted = [...new Set(said)]
  const pairs = said.slice(1).map((one, at) => said[at] + one)
  return ({ name }) => {
    const has = wanted.filter((one) => name.includes(one)).length
    if (has < 2 || has * 2 < wanted.length) return 0
    return has + pairs.filter((pair) => name.includes(pair)).length / (pairs.length + 1)
  }
}

/**
 * Items that fit every word, best first; among equals those of `known` in its order, then by code. Where none does, those
 * that share most characters.
 */
export function found<T extends Searched>(query: string, items: readonly T[], known: readonly string[] = []): T[] {
  const words = query.split(/\s+/).filter(Boolean)
  const rank = new Map(known.map((code, place) => [code, place]))
  const rankOf = (item: T) => rank.get(item.code) ?? Infinity
  const best = items
    .map((item) => ({ item, fits: words.reduce((worst, word) => Math.max(worst, fit(word, item)), 0) }))
    .filter(({ fits }) => fits < NOT)
    .sort((a, b) => a.fits - b.fits || compare(rankOf(a.item), rankOf(b.item)) || compare(a.item.code, b.item.code))
    .map(({ item }) => item)
  const said = Array.from(query).filter((one) => HAN.test(one))
  if (best.length || said.length < 2) return best
  const alike = likeness(said)
  return items
    .map((item) => ({ item, shares: alike(item) }))
    .filter(({ shares }) => shares > 0)
    .sort((a, b) => b.shares - a.shares || compare(rankOf(a.item), rankOf(b.item)) || compare(a.item.code, b.item.code))
    .map(({ item }) => item)
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

export interface ItemClass<T> {
  key: string
  kind: string
  name: string
  items: T[]
}

/** The catalogue to leaf through: by kind and class, in the order of the codes. */
export function byClass<T extends Searched & Pick<Item, 'kind' | 'class_code'>>(items: readonly T[]): ItemClass<T>[] {
  const classes = new Map<string, ItemClass<T>>()
  for (const item of [...items].sort((a, b) => compare(a.code, b.code))) {
    const key = `${item.kind}-${item.class_code}`
    const one = classes.get(key) ?? { key, kind: item.kind, name: item.class_name, items: [] }
    one.items.push(item)
    classes.set(key, one)
  }
  return [...classes.values()]
}
