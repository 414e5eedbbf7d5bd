/** Boundaries of grids with their names. They are kept on the phone, so the map says where one is without signal. */
import { geoJSON, type LatLngBounds, type LayerGroup } from 'leaflet'
import type { Grid } from '@/store/db'

/** A pane of the map below the markers: a name never covers one. */
export const NAMES = 'names'

export function boundsOf({ geometry }: Grid): LatLngBounds | null {
  return geometry ? geoJSON(geometry as unknown as GeoJSON.Geometry).getBounds() : null
}

/** Draws the grids in place of what was drawn; returns the bounds of all of them, null where none has a boundary. */
export function drawBoundaries(into: LayerGroup, grids: readonly Grid[], onStreets: boolean) {
  into.clearLayers()
  const features = grids
    .filter((grid) => grid.geometry)
    .map((grid) => ({ type: 'Feature', geometry: grid.geometry, properties: { name: grid.name } }))
  const drawn = geoJSON(features as unknown as GeoJSON.Feature[], {
    interactive: false,
    style: { color: '#1e3a8a', weight: 3, fillColor: '#ffffff', fillOpacity: onStreets ? 0.1 : 0.5 },
    onEachFeature: ({ properties }, layer) => {
      // Text, not HTML: a name is put in as it stands.
      const name = document.createElement('span')
      name.textContent = properties.name
      layer.bindTooltip(name, {
        permanent: true,
        direction: 'center',
        pane: NAMES,
        offset: [0, 30],
        className: 'grid-name',
      })
    },
  }).addTo(into)
  const bounds = drawn.getBounds()
  return bounds.isValid() ? bounds : null
}
