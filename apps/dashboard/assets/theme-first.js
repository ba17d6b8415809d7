// Before anything is painted: the theme that was chosen here before.
try {
  const theme = localStorage.getItem('muster-theme');
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is closed to this page: the system's theme.
}
