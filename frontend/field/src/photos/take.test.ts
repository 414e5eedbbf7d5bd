import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Place } from '@/store/db'
import { db, signIn } from '@/store/session'
import { StorageFull } from '@/store/storage'
import { fitting, smallJpeg, UnreadablePicture } from './decode'
import { readTaken, withTaken } from './exif'
import { forgetNow } from './forget'
import { sha256 } from './hash'
import { takePicture, whenAndWhere } from './take'

vi.mock('./decode', async (original) => ({ ...(await original<typeof import('./decode')>()), smallJpeg: vi.fn() }))

const BARE = new Uint8Array([0xff, 0xd8, 0xff, 0xda, 0, 2, 1, 2, 3, 0xff, 0xd9]).buffer
const HERE: Place = { lng: 122.43, lat: 37.15, accuracy: 12, at: '2026-05-06T01:00:00Z', moved: false }
const NOW = Date.parse('2026-05-06T01:00:30Z')
const UNKNOWN = { at: null, position: null, orientation: 1 }

beforeEach(async () => {
  await signIn('worker', '吴桂英', 'token')
  await db().pictures.clear()
  vi.mocked(smallJpeg).mockResolvedValue(BARE)
})
afterEach(() => vi.restoreAllMocks())

const photo = (bytes: ArrayBuffer = BARE, lastModified = Date.now()) => new File([bytes], 'a.jpg', { lastModified })

describe('a picture', () => {
  it('is stored under the hash of the bytes that will be sent, with time and place in them', async () => {
    const picture = await takePicture(photo(), HERE)
    const stored = await db().pictures.get(picture.sha256)
    expect(await sha256(stored!.bytes)).toBe(picture.sha256)
    expect(stored!.size).toBe(stored!.bytes.byteLength)
    const read = readTaken(stored!.bytes)
    expect(read.position).toEqual({ lng: expect.closeTo(122.43, 7), lat: expect.closeTo(37.15, 7), accuracy: 12 })
    expect(Math.abs(read.at!.getTime() - Date.parse(picture.takenAt))).toBeLessThan(1000)
  })

  it('keeps what its camera said through the canvas', async () => {
    const at = new Date('2026-05-01T02:03:04Z')
    const original = withTaken(BARE, { at, position: { lng: 122.1, lat: 37.2, accuracy: null }, orientation: 6 })
    const read = readTaken((await takePicture(photo(original), HERE)).bytes)
    expect(read.at).toEqual(at)
    expect(read.position!.lng).toBeCloseTo(122.1, 7)
    expect(read.orientation).toBe(1)
  })

  it('that finds the storage full is refused by that name, and nothing stands', async () => {
    const full = Object.assign(new Error('Encountered full disk'), {
      name: 'AbortError',
      inner: { name: 'QuotaExceededError' },
    })
    vi.spyOn(db().pictures, 'put').mockRejectedValue(full)
    await expect(takePicture(photo(), HERE)).rejects.toBeInstanceOf(StorageFull)
    expect(await db().pictures.count()).toBe(0)
  })

  it('that cannot be opened is refused by that name', async () => {
    vi.mocked(smallJpeg).mockRejectedValue(new UnreadablePicture())
    await expect(takePicture(photo(), HERE)).rejects.toBeInstanceOf(UnreadablePicture)
  })
})

describe('time and place', () => {
  const minutesAgo = (minutes: number) => ({ lastModified: NOW - minutes * 60_000 })

  it('are now and here for a picture just taken', () => {
    const taken = whenAndWhere(UNKNOWN, minutesAgo(0), HERE, NOW)
    expect(taken.at).toEqual(new Date(NOW))
    expect(taken.position).toMatchObject({ lng: 122.43, accuracy: 12 })
  })
  it('are not made up for an older one, nor for one from the album', () => {
    expect(whenAndWhere(UNKNOWN, minutesAgo(11), HERE, NOW)).toEqual(UNKNOWN)
    expect(whenAndWhere(UNKNOWN, minutesAgo(0), null, NOW)).toEqual(UNKNOWN)
    const yesterday = { ...UNKNOWN, at: new Date(NOW - 86_400_000) }
    expect(whenAndWhere(yesterday, minutesAgo(0), HERE, NOW)).toEqual(yesterday)
  })
  it('of a camera whose clock runs ahead are not believed', () => {
    const ahead = { ...UNKNOWN, at: new Date(NOW + 3_600_000) }
    expect(whenAndWhere(ahead, minutesAgo(0), HERE, NOW).at).toEqual(new Date(NOW))
  })
})

it.each([
  [4000, 3000, 1600, 1200],
  [3000, 4000, 1200, 1600],
  [800, 600, 800, 600],
  [9000, 3, 1600, 1],
])('%i×%i becomes %i×%i', (width, height, w, h) => expect(fitting(width, height)).toEqual({ width: w, height: h }))

it('the hash is the same where browsers keep theirs from pages', async () => {
  const usual = await sha256(BARE)
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
  expect(await sha256(BARE)).toBe(usual)
  vi.unstubAllGlobals()
})

it('bytes are forgotten only where neither an entry nor a draft names them', async () => {
  const hashes = ['a', 'b', 'c'].map((letter) => letter.repeat(64))
  await db().pictures.bulkPut(
    hashes.map((hash) => ({ sha256: hash, bytes: BARE, size: 1, takenAt: '', position: null })),
  )
  await db().queue.put({ id: '1', seq: 1, pictures: [{ sha256: hashes[0] }] } as never)
  await db().drafts.put({ key: 'report', at: '', form: { pictures: [{ sha256: hashes[1] }] } })
  await forgetNow(hashes)
  expect((await db().pictures.toCollection().primaryKeys()).sort()).toEqual(hashes.slice(0, 2))
})
