/** A Leaflet map in an element of a component, for as long as the component stands. */
import { control, map as createMap, type LatLngBounds, type LeafletMouseEvent, type Map } from 'leaflet'
import 'leaflet/dist/leaflet.css'
import { onBeforeUnmount, onMounted, shallowRef, type Ref } from 'vue'
import { NAMES } from './boundaries'
import { MAX_ZOOM } from './ground'
import './map.css'

/** The city, until there is something nearer to show. */
const CITY: [number, number] = [37.5, 122.1]
const CITY_ZOOM = 10

export interface Words {
  zoomIn: string
  zoomOut: string
}

export function useMap(element: Ref<HTMLElement | undefined>, words: Words, tapped: (at: LeafletMouseEvent) => void) {
  const map = shallowRef<Map | null>(null)
  let placed = false
  let sizes: ResizeObserver | undefined

  onMounted(() => {
    const made = createMap(element.value!, {
      zoomControl: false,
      attributionControl: true,
      maxZoom: MAX_ZOOM,
      zoomSnap: 0.5,
    }).setView(CITY, CITY_ZOOM)
    made.createPane(NAMES)
    made.attributionControl.setPrefix(false)
    control.zoom({ position: 'topright', zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(made)
    made.on('click', tapped)
    made.on('dragstart', () => (placed = true))
    // A popup has its size only after it has slid in.
    if (window.ResizeObserver) {
      sizes = new ResizeObserver(() => made.invalidateSize({ animate: false }))
      sizes.observe(element.value!)
    }
    map.value = made
  })

  onBeforeUnmount(() => {
    sizes?.disconnect()
    map.value?.remove()
    map.value = null
  })

  function showFirst(bounds: LatLngBounds): void {
    if (placed || !map.value) return
    placed = true
    map.value.fitBounds(bounds, { padding: [24, 24], maxZoom: 18, animate: false })
  }

  return { map, showFirst }
}
