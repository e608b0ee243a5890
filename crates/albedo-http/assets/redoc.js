// The fonts are those of the reader's machine: the usual ones would come from another host.
const text = "system-ui, sans-serif";
const code = "ui-monospace, monospace";

Redoc.init(
  "../api/openapi.json",
  {
    hideDownloadButton: false,
    sortRequiredPropsFirst: true,
    theme: { typography: { fontFamily: text, headings: { fontFamily: text }, code: { fontFamily: code } } },
  },
  document.getElementById("redoc"),
);
