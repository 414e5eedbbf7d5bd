/** Everything said on screen, Chinese first. A key missing in English is a type error. */
import { watch } from 'vue'
import { createI18n } from 'vue-i18n'
import { language } from '@/store/settings'
import en from './en'
import zh from './zh'

export const i18n = createI18n({
  legacy: false,
  locale: language.value,
  fallbackLocale: 'zh-hans',
  messages: { 'zh-hans': zh, en },
})

watch(language, (value) => (i18n.global.locale.value = value))

export const t = i18n.global.t
