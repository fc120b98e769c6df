const STORAGE_KEY = 'loadtester-theme'

/** Restores the chosen theme; without one, the system's applies. */
export function restoreTheme(): void {
  const chosen = localStorage.getItem(STORAGE_KEY)
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
}

/** Switches between light and dark, and remembers the choice. */
export function switchTheme(): void {
  const current =
    document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  const next = current === 'dark' ? 'light' : 'dark'
  document.documentElement.dataset.theme = next
  localStorage.setItem(STORAGE_KEY, next)
}
