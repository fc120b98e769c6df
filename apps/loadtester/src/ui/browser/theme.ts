const key = 'loadtester-theme'

/** Sets the theme that was chosen before, if one was; else the system's holds. */
export function restoreTheme(): void {
  const chosen = localStorage.getItem(key)
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
}

/** Changes from light to dark or back, and remembers it. */
export function switchTheme(): void {
  const current =
    document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  const next = current === 'dark' ? 'light' : 'dark'
  document.documentElement.dataset.theme = next
  localStorage.setItem(key, next)
}
