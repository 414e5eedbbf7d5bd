/** My buildings by name, to find one's way by when putting a pin on a ground without streets. */
import { circleMarker, type LayerGroup, type Map } from 'leaflet'
import type { Building } from '@/store/db'
import { NAMES } from './boundaries'

/** Nearer than this the names have room beside each other. */
const NAMED_FROM = 17

/** Returns an end. */
export function drawLandmarks(map: Map, into: LayerGroup, buildings: readonly Building[]): () => void {
  const draw = () => {
    into.clearLayers()
    const named = map.getZoom() >= NAMED_FROM
    for (const { estate, number, lng, lat } of buildings) {
      if (lng == null || lat == null) continue
      const look = { radius: 6, color: '#4b5563', weight: 2, fillColor: '#fff', fillOpacity: 1, interactive: false }
      const dot = circleMarker([lat, lng], look).addTo(into)
      const name = document.createElement('span')
      name.textContent = number || estate
      if (named)
        dot.bindTooltip(name, {
          permanent: true,
          direction: 'right',
          offset: [8, 0],
          pane: NAMES,
          className: 'landmark',
        })
    }
  }
  into.addTo(map)
  map.on('zoomend', draw)
  draw()
  return () => {
    map.off('zoomend', draw)
    into.remove()
  }
}
