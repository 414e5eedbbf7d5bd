/** 230 米, 1.4 公里. */
import { t } from '@/words'

export function distanceInWords(metres: number): string {
  if (metres < 1000) return t('common.metres', { n: Math.round(metres) })
  return t('common.kilometres', { n: (metres / 1000).toFixed(metres < 10_000 ? 1 : 0) })
}
