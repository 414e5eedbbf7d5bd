/** Everything said on screen, Chinese first. A key missing in English is a type error. */
import { watch } from 'vue'
import { createI18n } from 'vue-i18n'
import { language, type Language } from '@/store/settings'
import zh from './zh'

export const i18n = createI18n<[typeof zh], Language, false>({
  legacy: false,
  locale: 'zh-hans',
  fallbackLocale: 'zh-hans',
  messages: { 'zh-hans': zh } as Record<Language, typeof zh>,
})

/** English is fetched by those who read it, and kept for them without signal like every page. */
async function speak(wanted: Language): Promise<void> {
  if (wanted === 'en') i18n.global.setLocaleMessage('en', (await import('./en')).default)
  i18n.global.locale.value = wanted
}

watch(language, (wanted) => void speak(wanted).catch(console.error))

/** To be awaited before anything is shown. */
export const ready = speak(language.value).catch(console.error)

export const { t, te } = i18n.global
