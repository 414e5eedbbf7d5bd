/** The ground of the map: 天地图 (WMTS, Web Mercator) where the server has a key for it, else none. */
import { tileLayer, type TileLayer } from 'leaflet'

/** A transparent pixel: where a tile is missing, as without signal, the blank ground shows. */
const BLANK = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'

export const MAX_ZOOM = 20
const TILES_TO = 18

export function tileAddress(layer: string, key: string): string {
  const query =
    'SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles' +
    `&LAYER=${layer}&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=${encodeURIComponent(key)}`
  return `https://t{s}.tianditu.gov.cn/${layer}_w/wmts?${query}`
}

/** Streets and houses (vec), and their names over them (cva). */
export function groundLayers(key: string): TileLayer[] {
  if (!key) return []
  return ['vec', 'cva'].map((layer) =>
    tileLayer(tileAddress(layer, key), {
      subdomains: '01234567',
      maxNativeZoom: TILES_TO,
      maxZoom: MAX_ZOOM,
      errorTileUrl: BLANK,
      attribution: '天地图',
    }),
  )
}
