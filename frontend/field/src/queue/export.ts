/**
 * The last resort: everything unsent as one file, to be handed to the street. JSON, UTF-8:
 *
 *     { "format": "gridwhistle-queue-1", "username", "at",
 *       "entries": [ …as in entry.ts: `method`, `path` below /api/v1/, and `body` are the request… ],
 *       "pictures": [ { "sha256", "takenAt", "jpeg": base64 } ] }
 */
import { db, person } from '@/store/session'

const CHUNK = 0x8000

function base64(bytes: ArrayBuffer): string {
  const all = new Uint8Array(bytes)
  let text = ''
  for (let at = 0; at < all.length; at += CHUNK) text += String.fromCharCode(...all.subarray(at, at + CHUNK))
  return btoa(text)
}

/** The file, built part by part so that a full queue never stands in memory twice. */
export async function queueFile(): Promise<File> {
  const own = db()
  const username = person.value!.session.username
  const at = new Date().toISOString()
  const entries = await own.queue.orderBy('seq').toArray()
  // The form an entry came from is of use on this phone only.
  const plain = entries.map((entry) => ({ ...entry, origin: undefined }))
  const head = JSON.stringify({ format: 'gridwhistle-queue-1', username, at, entries: plain })
  const parts = [head.slice(0, -1), ',"pictures":[']
  const hashes = new Set(entries.flatMap((entry) => entry.pictures.map((one) => one.sha256)))
  let comma = ''
  for (const sha256 of hashes) {
    const kept = await own.pictures.get(sha256)
    if (!kept) continue
    parts.push(comma, JSON.stringify({ sha256, takenAt: kept.takenAt, jpeg: base64(kept.bytes) }))
    comma = ','
  }
  parts.push(']}')
  return new File(parts, `gridwhistle-${username}-${at.slice(0, 10)}.json`, { type: 'application/json' })
}

/** Hands it to another app where the phone can, else saves it. */
export async function exportQueue(): Promise<void> {
  const file = await queueFile()
  if (navigator.canShare?.({ files: [file] })) {
    try {
      await navigator.share({ files: [file], title: file.name })
      return
    } catch (fault) {
      if ((fault as { name?: string }).name === 'AbortError') return
    }
  }
  const address = URL.createObjectURL(file)
  const link = Object.assign(document.createElement('a'), { href: address, download: file.name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
