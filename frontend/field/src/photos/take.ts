/** A picture is made small, told its time and place, named by its hash and stored, before anything is sent. */
import type { Picture, Place } from '@/store/db'
import { db } from '@/store/session'
import { storing } from '@/store/storage'
import { smallJpeg } from './decode'
import { readTaken, withTaken, type Taken } from './exif'
import { sha256 } from './hash'

/** Camera's directories stand at the beginning of a file. */
const HEAD_BYTES = 256 * 1024
const FRESH_MS = 10 * 60_000

/**
 * `place` is where the phone is now: of an older picture from the album it says nothing, so give null there.
 * Throws `UnreadablePicture` and `StorageFull`.
 */
export async function takePicture(file: File, place: Place | null): Promise<Picture> {
  const taken = whenAndWhere(readTaken(await file.slice(0, HEAD_BYTES).arrayBuffer()), file, place, Date.now())
  const bytes = withTaken(await smallJpeg(file), { ...taken, orientation: leftToTurn(taken.orientation) })
  const picture: Picture = {
    sha256: await sha256(bytes),
    bytes,
    size: bytes.byteLength,
    takenAt: (taken.at ?? new Date(file.lastModified)).toISOString(),
    position: asPlace(taken, place),
  }
  await storing(() => db().pictures.put(picture))
  return picture
}

/** The camera's own word first; else now and here, if the picture was just taken. */
export function whenAndWhere(said: Taken, file: { lastModified: number }, place: Place | null, now: number): Taken {
  const at = said.at && said.at.getTime() <= now + FRESH_MS ? said.at : null
  const fresh = place !== null && now - (at?.getTime() ?? file.lastModified) < FRESH_MS
  return {
    orientation: said.orientation,
    at: at ?? (fresh ? new Date(file.lastModified) : null),
    position: said.position ?? (fresh ? { lng: place.lng, lat: place.lat, accuracy: place.accuracy } : null),
  }
}

/** Browsers that show pictures upright also draw them so; older ones leave the turning to the server. */
function leftToTurn(orientation: number): number {
  return globalThis.CSS?.supports?.('image-orientation', 'from-image') === false ? orientation : 1
}

function asPlace(taken: Taken, place: Place | null): Place | null {
  if (!taken.position) return null
  return { ...taken.position, at: taken.at?.toISOString() ?? place?.at ?? '', moved: false }
}
