/**
 * When and where a picture was taken, read from a camera's JPEG and written into ours: drawing on a canvas loses it, and
 * the server believes only what the bytes say. Just the few EXIF 2.31 tags that this needs.
 */
export interface Taken {
  at: Date | null
  position: { lng: number; lat: number; accuracy: number | null } | null
  /** 1 to 8 as EXIF counts; 1 is upright. */
  orientation: number
}

const ASCII = 2
const SHORT = 3
const LONG = 4
const RATIONAL = 5
const SIZES: Record<number, number> = { 1: 1, [ASCII]: 1, [SHORT]: 2, [LONG]: 4, [RATIONAL]: 8, 7: 1 }

const ORIENTATION = 0x0112
const EXIF_DIRECTORY = 0x8769
const GPS_DIRECTORY = 0x8825
const TAKEN = 0x9003
const TAKEN_OFFSET = 0x9011
const [LAT_REF, LAT, LNG_REF, LNG, ACCURACY] = [1, 2, 3, 4, 0x1f]

type Directory = Map<number, string | number[]>

/** What the file says; what is missing or wrong is null, never an error. */
export function readTaken(jpeg: ArrayBuffer): Taken {
  try {
    const tiff = exifOf(new DataView(jpeg))
    if (!tiff) return { at: null, position: null, orientation: 1 }
    const little = tiff.getUint16(0) === 0x4949
    const main = directory(tiff, tiff.getUint32(4, little), little)
    const below = (tag: number): Directory => {
      const at = main.get(tag)
      return Array.isArray(at) ? directory(tiff, at[0], little) : new Map()
    }
    const turned = main.get(ORIENTATION)?.[0]
    return {
      at: timeIn(below(EXIF_DIRECTORY)),
      position: positionIn(below(GPS_DIRECTORY)),
      orientation: typeof turned === 'number' && turned >= 1 && turned <= 8 ? turned : 1,
    }
  } catch {
    return { at: null, position: null, orientation: 1 }
  }
}

/** The TIFF block of the first EXIF segment. */
function exifOf(view: DataView): DataView | null {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null
  for (let at = 2; at + 10 < view.byteLength && view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1)
    if (marker === 0xda) return null
    if (marker === 0xe1 && view.getUint32(at + 4) === 0x45786966 /* Exif */)
      return new DataView(view.buffer, view.byteOffset + at + 10)
  }
  return null
}

function directory(tiff: DataView, at: number, little: boolean): Directory {
  const found: Directory = new Map()
  const entries = tiff.getUint16(at, little)
  for (let number = 0; number < entries; number++) {
    const entry = at + 2 + number * 12
    const type = tiff.getUint16(entry + 2, little)
    const count = tiff.getUint32(entry + 4, little)
    const size = SIZES[type]
    if (!size || count > 256) continue
    const value = size * count <= 4 ? entry + 8 : tiff.getUint32(entry + 8, little)
    if (value + size * count > tiff.byteLength) continue
    found.set(
      tiff.getUint16(entry, little),
      type === ASCII ? text(tiff, value, count) : numbers(tiff, value, type, count, little),
    )
  }
  return found
}

function text(tiff: DataView, at: number, count: number): string {
  const bytes = new Uint8Array(tiff.buffer, tiff.byteOffset + at, count)
  return String.fromCharCode(...bytes).replace(/[\0 ]+$/, '')
}

function numbers(tiff: DataView, at: number, type: number, count: number, little: boolean): number[] {
  return Array.from({ length: count }, (_, number) => {
    const here = at + number * SIZES[type]
    if (type === SHORT) return tiff.getUint16(here, little)
    if (type === LONG) return tiff.getUint32(here, little)
    if (type === RATIONAL) return tiff.getUint32(here, little) / tiff.getUint32(here + 4, little)
    return tiff.getUint8(here)
  })
}

function timeIn(exif: Directory): Date | null {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(String(exif.get(TAKEN) ?? ''))
  if (!parts) return null
  const [year, month, day, hours, minutes, seconds] = parts.slice(1).map(Number)
  const offset = String(exif.get(TAKEN_OFFSET) ?? '')
  // Without a zone the camera is this phone, or one beside it.
  const moment = /^[+-]\d\d:\d\d$/.test(offset)
    ? new Date(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}${offset}`)
    : new Date(year, month - 1, day, hours, minutes, seconds)
  return Number.isNaN(moment.getTime()) || year < 1990 ? null : moment
}

function positionIn(gps: Directory): Taken['position'] {
  const lat = degrees(gps.get(LAT), gps.get(LAT_REF), 'NS', 90)
  const lng = degrees(gps.get(LNG), gps.get(LNG_REF), 'EW', 180)
  // 0, 0 is what phones write while they have no fix.
  if (lat === null || lng === null || (lat === 0 && lng === 0)) return null
  const within = gps.get(ACCURACY)?.[0]
  return { lng, lat, accuracy: typeof within === 'number' && Number.isFinite(within) ? within : null }
}

function degrees(parts: unknown, ref: unknown, signs: string, limit: number): number | null {
  const sign = signs.indexOf(String(ref ?? '?')[0])
  if (!Array.isArray(parts) || parts.length !== 3 || sign < 0) return null
  const value = parts[0] + parts[1] / 60 + parts[2] / 3600
  return Number.isFinite(value) && value <= limit ? (sign ? -value : value) : null
}

/** The JPEG with what is known put before its picture; it must have no EXIF of its own, as a canvas's has none. */
export function withTaken(jpeg: ArrayBuffer, taken: Taken): ArrayBuffer {
  const main: Tag[] = []
  if (taken.orientation !== 1) main.push([ORIENTATION, SHORT, [taken.orientation]])
  if (taken.at) main.push([EXIF_DIRECTORY, LONG, timeTags(taken.at)])
  if (taken.position) main.push([GPS_DIRECTORY, LONG, positionTags(taken.position)])
  if (!main.length) return jpeg
  const tiff = [...bytesOf('MM\0*'), ...uint(8, 4)]
  append(tiff, main)
  const exif = [...bytesOf('Exif\0\0'), ...tiff]
  const segment = [0xff, 0xe1, ...uint(exif.length + 2, 2), ...exif]
  const joined = new Uint8Array(jpeg.byteLength + segment.length)
  joined.set(new Uint8Array(jpeg, 0, 2))
  joined.set(segment, 2)
  joined.set(new Uint8Array(jpeg, 2), 2 + segment.length)
  return joined.buffer
}

/** Number, type, and its value: bytes, whole numbers, pairs of them, or the tags of a directory below. */
type Tag = [number, number, string | number[] | Tag[]]

function timeTags(at: Date): Tag[] {
  const two = (number: number) => String(Math.abs(number)).padStart(2, '0')
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join(':')
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')
  const east = -at.getTimezoneOffset()
  const offset = `${east < 0 ? '-' : '+'}${two(Math.trunc(east / 60))}:${two(east % 60)}`
  return [
    [TAKEN, ASCII, `${day} ${time}\0`],
    [TAKEN_OFFSET, ASCII, `${offset}\0`],
  ]
}

function positionTags({ lng, lat, accuracy }: NonNullable<Taken['position']>): Tag[] {
  const tags: Tag[] = [
    [LAT_REF, ASCII, lat < 0 ? 'S\0' : 'N\0'],
    [LAT, RATIONAL, sexagesimal(Math.abs(lat))],
    [LNG_REF, ASCII, lng < 0 ? 'W\0' : 'E\0'],
    [LNG, RATIONAL, sexagesimal(Math.abs(lng))],
  ]
  if (accuracy !== null) tags.push([ACCURACY, RATIONAL, [Math.round(accuracy * 10), 10]])
  return tags
}

/** Degrees, minutes and seconds to 1/10,000 (3 mm). */
function sexagesimal(degrees: number): number[] {
  const all = Math.round(degrees * 36_000_000)
  return [Math.floor(all / 36_000_000), 1, Math.floor(all / 600_000) % 60, 1, all % 600_000, 10_000]
}

const bytesOf = (text: string) => Array.from(text, (character) => character.charCodeAt(0))
const uint = (value: number, size: number) =>
  Array.from({ length: size }, (_, at) => (value >>> (8 * (size - 1 - at))) & 255)
const isDirectory = (value: Tag[2]): value is Tag[] => Array.isArray(value) && Array.isArray(value[0])

/** Writes a directory at the end of the block, its longer values and the directories below it behind it. */
function append(tiff: number[], tags: Tag[]): void {
  let at = tiff.length + 2
  tiff.push(...uint(tags.length, 2), ...new Array<number>(tags.length * 12 + 4).fill(0))
  for (const [tag, type, value] of tags) {
    const inside = isDirectory(value)
    const bytes = inside
      ? []
      : typeof value === 'string'
        ? bytesOf(value)
        : value.flatMap((one) => uint(one, type === SHORT ? 2 : 4))
    const count = inside ? 1 : bytes.length / SIZES[type]
    const where = inside || bytes.length > 4 ? uint(tiff.length, 4) : [...bytes, 0, 0, 0, 0].slice(0, 4)
    tiff.splice(at, 12, ...uint(tag, 2), ...uint(type, 2), ...uint(count, 4), ...where)
    if (inside) append(tiff, value)
    else if (bytes.length > 4) tiff.push(...bytes, ...(bytes.length % 2 ? [0] : []))
    at += 12
  }
}
