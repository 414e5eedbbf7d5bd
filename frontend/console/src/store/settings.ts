/** Settings of this desk: language and whether emergencies sound. Kept in localStorage, so that the first paint has them. */
import { ref, watch } from 'vue'

export type Language = 'zh-hans' | 'en'

function kept<T extends string>(key: string, allowed: readonly T[], otherwise: T) {
  const setting = ref(allowed.find((value) => value === localStorage.getItem(`gridwhistle.desk.${key}`)) ?? otherwise)
  watch(setting, (value) => localStorage.setItem(`gridwhistle.desk.${key}`, value))
  return setting
}

export const language = kept<Language>('language', ['zh-hans', 'en'], 'zh-hans')
export const sound = kept<'on' | 'off'>('sound', ['on', 'off'], 'on')

watch(language, (value) => (document.documentElement.lang = value === 'en' ? 'en' : 'zh-CN'), { immediate: true })
