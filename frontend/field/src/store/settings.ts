/** Settings of this phone: language and size of the text. Kept in localStorage, so that the first paint has them. */
import { ref, watch } from 'vue'

export type Language = 'zh-hans' | 'en'
export const TEXT_SIZES = [1, 1.25, 1.5] as const

function kept<T extends string | number>(key: string, allowed: readonly T[], otherwise: T) {
  const found = allowed.find((value) => String(value) === localStorage.getItem(`gridwhistle.${key}`))
  const setting = ref(found ?? otherwise)
  watch(setting, (value) => localStorage.setItem(`gridwhistle.${key}`, String(value)))
  return setting
}

export const language = kept<Language>('language', ['zh-hans', 'en'], 'zh-hans')
export const textSize = kept<number>('text', TEXT_SIZES, 1)

watch(
  [language, textSize],
  () => {
    document.documentElement.lang = language.value === 'en' ? 'en' : 'zh-CN'
    document.documentElement.style.setProperty('--text-scale', String(textSize.value))
  },
  { immediate: true },
)
