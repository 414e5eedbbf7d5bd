/** From whatever file a phone gives to an upright JPEG of at most 1600 px. */
const LONGEST = 1600
const QUALITY = 0.85

/** The file is no picture that this phone can open. */
export class UnreadablePicture extends Error {
  constructor(cause?: unknown) {
    super('this file is no picture that can be opened', { cause })
    this.name = 'UnreadablePicture'
  }
}

type Drawable = { source: CanvasImageSource; width: number; height: number; close: () => void }

/** Width and height when the longest side is at most `LONGEST`; small pictures stay as they are. */
export function fitting(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, LONGEST / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** Throws `UnreadablePicture`. */
export async function smallJpeg(file: Blob): Promise<ArrayBuffer> {
  const drawable = await opened(file)
  try {
    const { width, height } = fitting(drawable.width, drawable.height)
    const canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
    const pen = canvas.getContext('2d')
    if (!pen) throw new UnreadablePicture()
    pen.fillStyle = '#ffffff'
    pen.fillRect(0, 0, width, height)
    pen.imageSmoothingQuality = 'high'
    pen.drawImage(drawable.source, 0, 0, width, height)
    const small = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY))
    // Old phones keep a canvas's memory until they are told.
    canvas.width = canvas.height = 0
    if (!small) throw new UnreadablePicture()
    return await small.arrayBuffer()
  } finally {
    drawable.close()
  }
}

async function opened(file: Blob): Promise<Drawable> {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
    return { source: bitmap, width: bitmap.width, height: bitmap.height, close: () => bitmap.close() }
  } catch {
    // Before Chrome 81 and Safari 15 it knows no such option or is not there.
    return openedAsImage(file)
  }
}

function openedAsImage(file: Blob): Promise<Drawable> {
  const address = URL.createObjectURL(file)
  const image = new Image()
  const close = () => URL.revokeObjectURL(address)
  return new Promise((resolve, reject) => {
    image.onload = () => resolve({ source: image, width: image.naturalWidth, height: image.naturalHeight, close })
    image.onerror = (fault) => {
      close()
      reject(new UnreadablePicture(fault))
    }
    image.src = address
  })
}
