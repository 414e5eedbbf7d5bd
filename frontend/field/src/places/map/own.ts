/** Where the phone is, as a dot with the circle it may be in. */
import { circle, marker, type LayerGroup } from 'leaflet'
import type { Place } from '@/store/db'
import { ownSign } from './signs'

export function drawOwn(into: LayerGroup, place: Place | null): void {
  into.clearLayers()
  if (!place) return
  const here: [number, number] = [place.lat, place.lng]
  const look = { color: '#1d4ed8', weight: 1, fillOpacity: 0.12, interactive: false }
  if (place.accuracy) circle(here, { ...look, radius: place.accuracy }).addTo(into)
  marker(here, { icon: ownSign(), interactive: false, keyboard: false, zIndexOffset: -100 }).addTo(into)
}
