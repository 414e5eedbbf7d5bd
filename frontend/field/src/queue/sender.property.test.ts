import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { PersonDb } from '@/store/db'
import type { NewEntry } from './entry'
import { aPicture, handedIn } from './fixtures'
import { append, tell } from './record'
import { FAULTS, World } from './world'

const NAME = 'wu'
const looking = new PersonDb(NAME)
afterEach(async () => {
  await looking.delete()
  await looking.open()
})

interface Made {
  entry: NewEntry
  refused: 'body' | 'picture' | null
}

const some = (n: number, m: number) => fc.integer({ min: n, max: m })
const made: fc.Arbitrary<Made[]> = fc
  .array(
    fc.record({
      chain: some(0, 3),
      // Two entries may show the same picture.
      pictures: fc.uniqueArray(some(0, 5), { maxLength: 3 }),
      refused: fc.option(fc.constantFrom('body' as const, 'picture' as const), { freq: 5 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) =>
    all.map(({ chain, pictures, refused }, n) => ({
      entry: handedIn({ id: `e${n}`, chain: `c${chain}`, body: { n }, pictures: pictures.map((one) => `p${one}`) }),
      refused,
    })),
  )

const troubles = fc.record({
  faults: fc.array(fc.oneof(fc.constant('none' as const), fc.constantFrom(...FAULTS)), { maxLength: 40 }),
  writeFaults: fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: fc.constant('full' as const) },
      { weight: 1, arbitrary: fc.constant('killed' as const) },
    ),
    { maxLength: 60 },
  ),
  random: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 10 }),
})

const partsOf = ({ path, pictures }: NewEntry) => [path, ...pictures.map((one) => one.path)]

/** All of it stands at the server, with the bytes that were on the phone. */
function stands(world: World, entry: NewEntry): boolean {
  if (world.server.stands.get(entry.path) !== JSON.stringify(entry.body)) return false
  return entry.pictures.every((one) => world.server.stands.get(one.path) === one.sha256)
}

async function inQueue(): Promise<string[]> {
  return (await looking.queue.orderBy('seq').primaryKeys()) as string[]
}

describe('whatever happens', () => {
  it(
    'each entry is once at the server or still in the queue, in the order of its chain; without troubles the queue empties',
    { timeout: 300_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(made, troubles, async (all, { faults, writeFaults, random }) => {
          await Promise.all(looking.tables.map((table) => table.clear()))
          const world = new World(NAME)
          for (const { entry } of all) {
            await looking.pictures.bulkPut(entry.pictures.map((one) => aPicture(one.sha256)))
            await append(looking, entry, new Date(world.clock))
          }
          for (const { entry, refused } of all) {
            if (refused === 'body') world.server.refuses.add(entry.path)
            if (refused === 'picture' && entry.pictures[0]) world.server.refuses.add(entry.pictures[0].path)
          }
          let turn = 0
          world.random = () => random[turn++ % random.length]!
          world.faults = [...faults]
          world.writeFaults = [...writeFaults]

          const nothingIsLost = async () => {
            const queued = new Set(await inQueue())
            const bytes = new Set(await looking.pictures.toCollection().primaryKeys())
            for (const { entry } of all) {
              expect(queued.has(entry.id) || stands(world, entry), `${entry.id} is nowhere`).toBe(true)
              if (queued.has(entry.id))
                for (const one of entry.pictures) expect(bytes.has(one.sha256), `${one.sha256} is gone`).toBe(true)
            }
          }
          await world.live(nothingIsLost)

          // What the server refused waits for the person, with what comes after it in its chain; the rest has gone.
          const held = new Set<string>()
          const left = all.filter(({ entry }) => {
            if (partsOf(entry).some((path) => world.server.refuses.has(path))) held.add(entry.chain)
            return held.has(entry.chain)
          })
          expect(await inQueue()).toEqual(left.map(({ entry }) => entry.id))

          world.server.refuses.clear()
          for (const id of await inQueue()) await tell(looking, id, { kind: 'retried' }, new Date(world.clock))
          await world.live(nothingIsLost)
          expect(await inQueue()).toEqual([])
          expect(await looking.pictures.count()).toBe(0)
          for (const { entry } of all) expect(stands(world, entry)).toBe(true)
          expect(world.server.stands.size).toBe(all.flatMap(({ entry }) => partsOf(entry)).length)

          const order = [...world.server.stands.keys()]
          for (const chain of new Set(all.map(({ entry }) => entry.chain))) {
            const own = all.filter(({ entry }) => entry.chain === chain).map(({ entry }) => partsOf(entry))
            const whose = order.map((path) => own.findIndex((parts) => parts.includes(path))).filter((n) => n >= 0)
            expect(whose).toEqual([...whose].sort((a, b) => a - b))
            for (const [body] of own)
              expect(order.indexOf(body!)).toBe(
                Math.min(...own.find((parts) => parts[0] === body)!.map((path) => order.indexOf(path))),
              )
          }
        }),
        { numRuns: Number(process.env.RUNS ?? 60) },
      )
    },
  )
})
