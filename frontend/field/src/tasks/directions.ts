/** An address that the phone's own map opens. */
import type { Point } from '@/places/geo'

const onApple = () => /iPhone|iPad|Macintosh/.test(navigator.userAgent)

export function directions({ lng, lat }: Point, label: string): string {
  const name = encodeURIComponent(label)
  return onApple() ? `maps:?ll=${lat},${lng}&q=${name}` : `geo:${lat},${lng}?q=${lat},${lng}(${name})`
}
