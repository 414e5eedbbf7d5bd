import { createApp } from 'vue'
import { loadRouteLocation } from 'vue-router'
import App from './App.vue'
import { element } from './element'
import { keepFocus } from './parts/focus'
import { router } from './router'
import { resume } from './store/session'
import { i18n } from './words'
import './base.css'

keepFocus()
// The page comes while it is asked who is there.
void loadRouteLocation(router.resolve(location.hash.slice(1) || '/')).catch(() => {})
void resume()
  .catch(() => {})
  .then(() => createApp(App).use(i18n).use(router).use(element).mount('#app'))
