/** Pictures chosen at a desk: as the server takes them (JPEG, at most 10 MB), named by their hash, and sent. */
import { said, type Schemas } from '@shared/api/client'
import { api } from '@/store/session'

export interface Chosen {
  named: Schemas['PhotoInRequest']
  bytes: ArrayBuffer
  name: string
  url: string
}

const MOST_BYTES = 10 * 1024 * 1024
const LONGEST = 2560
const QUALITY = 0.9

async function hexOf(bytes: ArrayBuffer): Promise<string> {
  // Where there is no TLS browsers keep their own hash from pages.
  const digest = globalThis.crypto?.subtle
    ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    : (await import('@noble/hashes/sha2.js')).sha256(new Uint8Array(bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A photo keeps its time and place; what is no JPEG or too large is drawn anew. Throws for what is no picture. */
async function asJpeg(file: File): Promise<Blob> {
  if (file.type === 'image/jpeg' && file.size <= MOST_BYTES) return file
  const picture = await createImageBitmap(file)
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(picture.width * scale)
  canvas.height = Math.round(picture.height * scale)
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/jpeg', QUALITY),
  )
}

export async function choose(file: File, kind: Schemas['PhotoKind']): Promise<Chosen> {
  const blob = await asJpeg(file)
  const bytes = await blob.arrayBuffer()
  const named = { sha256: await hexOf(bytes), size: bytes.byteLength, kind }
  return { named, bytes, name: file.name, url: URL.createObjectURL(blob) }
}

/** After the step that announced them; may be repeated. */
export async function sendPhoto(report: string, { named, bytes }: Chosen): Promise<void> {
  await said(
    api.PUT('/api/v1/reports/{id}/photos/{sha256}', {
      params: { path: { id: report, sha256: named.sha256 } },
      // The schema calls bytes a string.
      body: bytes as unknown as string,
      bodySerializer: (body: unknown) => body as ArrayBuffer,
      headers: { 'Content-Type': 'image/jpeg' },
    }),
  )
}
