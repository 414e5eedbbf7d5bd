/** Draws markers, gathered anew at each zoom. */
import { latLng, latLngBounds, marker, type LayerGroup, type Map } from 'leaflet'
import { t } from '@/words'
import { gather, type Gathered, type MapMarker } from './gathering'
import { signOf } from './signs'

/** `picked` gets what was tapped, unless drawing nearer parts it. Returns an end. */
export function drawMarkers(
  map: Map,
  into: LayerGroup,
  markers: readonly MapMarker[],
  picked: (members: MapMarker[]) => void,
): () => void {
  const draw = () => {
    into.clearLayers()
    const zoom = map.getZoom()
    for (const group of gather(markers, ({ lng, lat }) => map.project(latLng(lat, lng), zoom))) {
      const sign = marker([group.lat, group.lng], { icon: signOf(group, spoken(group)) }).addTo(into)
      sign.on('click', () => (group.members.length === 1 || !parted(map, group) ? picked(group.members) : undefined))
    }
  }
  into.addTo(map)
  map.on('zoomend', draw)
  draw()
  return () => {
    map.off('zoomend', draw)
    into.clearLayers()
  }
}

function spoken({ worst, beside, members }: Gathered): string {
  if (members.length === 1) return worst.label
  const label = [worst, beside].flatMap((one) => one?.label ?? []).join(t('visits.comma'))
  return t('map.several', { n: members.length, label })
}

/** Goes nearer to what lies together; false where that parts nothing. */
function parted(map: Map, { members }: Gathered): boolean {
  const bounds = latLngBounds(members.map(({ lat, lng }) => latLng(lat, lng)))
  const zoom = Math.min(map.getBoundsZoom(bounds, false), map.getMaxZoom())
  if (bounds.getNorthEast().equals(bounds.getSouthWest()) || zoom <= map.getZoom()) return false
  map.setView(bounds.getCenter(), zoom)
  return true
}
