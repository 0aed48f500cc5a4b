// Runs before the first paint, so that a light room does not flash dark. The rest of the theme code is shell/theme.ts.
(() => {
	let chosen = null;
	try {
		chosen = localStorage.getItem("rostrum.theme");
	} catch {
		// Storage may be switched off; the system's setting is then the answer.
	}
	const system = matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark";
	document.documentElement.dataset.theme = chosen === "light" || chosen === "dark" ? chosen : system;
})();
