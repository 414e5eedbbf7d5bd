import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTaken, withTaken, type Taken } from './exif'

/** The beginning and the end of a JPEG as a canvas gives it. */
const BARE = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xda, 0, 2, 7, 7, 0xff, 0xd9]).buffer

const said = (taken: Partial<Taken>) =>
  readTaken(withTaken(BARE, { at: null, position: null, orientation: 1, ...taken }))

describe('EXIF', () => {
  it('reads back what was written: the time to the second, the position to millimetres', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1990-01-02'), max: new Date('2099-12-30'), noInvalidDate: true }),
        fc.double({ min: -180, max: 180, noNaN: true }),
        fc.double({ min: -90, max: 90, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: 99_000 })),
        fc.integer({ min: 1, max: 8 }),
        (at, lng, lat, accuracy, orientation) => {
          const read = said({ at, position: { lng, lat, accuracy }, orientation })
          expect(Math.floor(read.at!.getTime() / 1000)).toBe(Math.floor(at.getTime() / 1000))
          expect(read.orientation).toBe(orientation)
          if (Math.abs(lng) < 1e-6 && Math.abs(lat) < 1e-6) return
          expect(read.position!.lng).toBeCloseTo(lng, 7)
          expect(read.position!.lat).toBeCloseTo(lat, 7)
          expect(read.position!.accuracy).toBe(accuracy)
        },
      ),
    )
  })

  it('leaves the picture as it was behind it, and everything where nothing is known', () => {
    const bytes = new Uint8Array(withTaken(BARE, { at: new Date(), position: null, orientation: 1 }))
    expect([...bytes.slice(0, 4)]).toEqual([0xff, 0xd8, 0xff, 0xe1])
    expect([...bytes.slice(2 + 2 + (bytes[4] << 8) + bytes[5])]).toEqual([...new Uint8Array(BARE).slice(2)])
    expect(withTaken(BARE, { at: null, position: null, orientation: 1 })).toBe(BARE)
  })

  it('of any bytes is read without a fault', () => {
    const head = [0xff, 0xd8, 0xff, 0xe1, 0, 200, ...Array.from('Exif\0\0II*\0', (one) => one.charCodeAt(0))]
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readTaken(bytes.buffer).orientation).toBe(1)
        readTaken(new Uint8Array([...head, ...bytes]).buffer)
      }),
    )
  })

  it('without a zone is the time of this phone', () => {
    const at = new Date(2026, 4, 6, 7, 8, 9)
    const bytes = new Uint8Array(withTaken(BARE, { at, position: null, orientation: 1 }))
    const text = String.fromCharCode(...bytes)
    const offset = text.search(/[+-]\d\d:\d\d\0/)
    bytes.fill(0, offset, offset + 6)
    expect(readTaken(bytes.buffer).at).toEqual(at)
  })
})
