package html

import (
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rdbtool/rdbtool/memory"
)

var (
	screenshots = flag.String("screenshots", "", "folder for pictures of the example report")
	pictures    = flag.Bool("pictures", false, "write the pictures of docs/memory anew")
)

// written is the path of a report as a file.
func written(t testing.TB, r *memory.Report) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(f, r); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// picture writes what the window shows as a PNG.
func (b *browser) picture(path string) {
	b.t.Helper()
	var shot struct {
		Data string `json:"data"`
	}
	b.call("Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// cellOf finds the cell of the map that shows a name.
const cellOf = `((name) => [...document.querySelectorAll(".cell")].find((c) => c.querySelector(".name")?.textContent === name))`

// opened is a page that is open in a browser.
func opened(t *testing.T, r *memory.Report) *browser {
	b := startBrowser(t)
	b.size(1280, 900, false)
	b.open(written(t, r))
	return b
}

// quiet fails the test if the browser has said anything.
func (b *browser) quiet() {
	b.t.Helper()
	for _, c := range b.complaints() {
		b.t.Error(c)
	}
}

func (b *browser) want(expression, want string) {
	b.t.Helper()
	if got := b.text(expression); got != want {
		b.t.Errorf("%s is %q, want %q", expression, got, want)
	}
}

// What the page says in a few places. Figures and units have a space between
// them that does not break.
const (
	pathText  = `[...document.querySelectorAll(".path li")].map((l) => l.textContent).join(" > ")`
	sumText   = `document.querySelector(".path .sum").textContent.replaceAll("\u00a0", " ")`
	cellNames = `[...document.querySelectorAll(".cell.outer:not(.second) .name, .cell.lone .name")].map((n) => n.textContent).join(" ")`
)

func TestDrawn(t *testing.T) {
	b := opened(t, example())
	b.want(`document.title`, "Memory of shop-prod-2026-11-01.rdb")
	b.want(`document.querySelector("h1").textContent`, "shop-prod-2026-11-01.rdb")
	b.want(`[...document.querySelectorAll("h2")].map((h) => h.textContent).join(", ")`,
		"Findings, Where the memory goes, Distribution, Groups of keys, Keys that stand out, File and databases")
	b.want(`[...document.querySelectorAll(".tile dd:not(.detail)")].map((d) => d.textContent.replaceAll("\u00a0", " ")).join(", ")`, "~10.1 GiB, 10.4 M, ~10.5 GiB, 10.7 GiB")
	b.want(`document.querySelectorAll(".findings > li").length`, "8")
	b.want(`[...document.querySelectorAll("figcaption")].map((c) => c.textContent).join(", ")`, "By type, By time to live, By size of the key")
	b.want(`document.querySelectorAll(".chart")[1].querySelectorAll("tbody tr").length`, "9")
	// The areas of the map are as the bytes are, within what gaps and heads take.
	b.want(`(() => {
		const area = (name) => { const c = `+cellOf+`(name); return c.offsetWidth * c.offsetHeight; };
		const ratio = area("session:{uuid}") / area("recs:{n}");
		return Math.abs(ratio - 468415968 / 289337464) < 0.12;
	})()`, "true")
	b.want(`(() => { // no cell of a level lies over another
		const cells = [...document.querySelectorAll(".cell")].map((c) => c.box);
		const over = (a, b) => Math.min(a[2], b[2]) > Math.max(a[0], b[0]) && Math.min(a[3], b[3]) > Math.max(a[1], b[1]);
		const within = (a, b) => a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3];
		return cells.length > 20 && cells.every((a, i) => cells.every((b, j) => i >= j || !over(a, b) || within(a, b) || within(b, a)));
	})()`, "true")
	b.want(`document.querySelector("#map .below li .name").textContent`, "cache:")

	// The charts measure keys when asked to.
	b.click(`document.querySelector('#charts [data-value="keys"]')`)
	b.want(`document.querySelector(".chart td.figure").textContent.replaceAll("\u00a0", " ")`, "5.93 M")
	b.quiet()
}

func TestDrillDown(t *testing.T) {
	b := opened(t, example())
	b.want(pathText, "All keys")
	b.click(cellOf + `("user:")`)
	b.until(pathText + ` === "All keys > user:"`)
	b.want(sumText, "~2.39 GiB · 24 % · 5,754,965 keys")
	b.want(`[...document.querySelectorAll(".below .name")].map((n) => n.textContent).join(" ")`, "{n}: by-email:{email} by-name:{*}")

	// A leaf shows what is known of it, among its siblings.
	b.click(cellOf + `("profile")`)
	b.until(pathText + ` === "All keys > user: > {n}: > profile"`)
	b.want(`document.querySelector(".facts h3").textContent`, "user:{n}:profile")
	b.want(`document.querySelector(".cell.chosen .name").textContent`, "profile")
	b.want(`document.querySelector(".facts").textContent.includes("user:1048213:profile")`, "true")

	// Back by the path, by the browser, by the keyboard.
	b.click(`document.querySelectorAll(".path button")[1]`)
	b.until(pathText + ` === "All keys > user:"`)
	b.eval(`history.back()`, nil)
	b.until(pathText + ` === "All keys > user: > {n}: > profile"`)
	b.click(`document.querySelectorAll(".path button")[0]`)
	b.until(pathText + ` === "All keys"`)
	b.want(`document.querySelectorAll(".cell.dim, .cell.chosen").length`, "0")

	// The list beside the map leads down too, a finding leads to its group, and
	// the other tables have maps of their own.
	b.click(`document.querySelectorAll(".below .row")[2]`)
	b.until(pathText + ` === "All keys > feed:"`)
	b.click(`[...document.querySelectorAll(".findings .link")].find((l) => l.textContent === "queue:dead")`)
	b.until(pathText + ` === "All keys > queue: > dead"`)
	b.click(`document.querySelector('#map [role=radio][data-value="1"]')`)
	b.until(pathText + ` === "All keys"`)
	b.want(`[...document.querySelectorAll(".below .name")].map((n) => n.textContent).join(" ")`, "string zset hash list set stream")
	b.quiet()
}

func TestKeyboard(t *testing.T) {
	b := opened(t, example())
	b.eval(`document.querySelector("#map .cell").focus()`, nil)
	b.want(`[...document.querySelectorAll(".cell")].filter((c) => c.tabIndex === 0).length`, "1")
	b.press("ArrowRight")
	b.want(`document.activeElement.classList.contains("cell") && document.activeElement !== document.querySelector(".cell")`, "true")
	b.want(`document.querySelector(".tip").hidden`, "false")
	b.eval(cellOf+`("user:").focus()`, nil)
	b.press("Enter")
	b.until(pathText + ` === "All keys > user:"`)
	b.until(`document.activeElement.classList.contains("cell")`)
	b.press("Escape")
	b.until(pathText + ` === "All keys"`)
	b.until(`document.activeElement.classList.contains("cell")`)

	b.eval(`document.querySelector("#groups [role=tab]").focus()`, nil)
	b.press("ArrowRight")
	b.want(`document.querySelector("#groups [aria-selected=true]").textContent`, "Type")
	b.press("Tab") // the table is no more than its rows here: no filter
	b.want(`document.activeElement.getAttribute("aria-label")`, "Keys by type")

	// Each thing to press has a name.
	b.want(`[...document.querySelectorAll("button, input, [tabindex='0']")].filter((e) => !(e.textContent.trim() || e.getAttribute("aria-label"))).length`, "0")
	b.quiet()
}

func TestSort(t *testing.T) {
	b := opened(t, example())
	const column = `[...document.querySelectorAll("#groups tbody th")].slice(0, 3).map((c) => c.textContent).join(" ")`
	const head = `((text) => [...document.querySelectorAll("#groups thead th")].find((h) => h.textContent === text))`
	b.want(column, "feed:{n} cache:search:{hex} cache:product:{n}")
	b.want(head+`("Memory").getAttribute("aria-sort")`, "descending")
	b.click(head + `("Keys").querySelector("button")`)
	b.want(column, "user:{n}:profile user:by-email:{email} user:by-name:{*}")
	b.want(head+`("Keys").getAttribute("aria-sort")`, "descending")
	b.want(head+`("Memory").getAttribute("aria-sort")`, "null")
	b.click(head + `("Keys").querySelector("button")`)
	b.want(head+`("Keys").getAttribute("aria-sort")`, "ascending")
	b.want(column, "queue:dead feed:global queue:email")
	b.click(head + `("Pattern").querySelector("button")`)
	b.want(column, "cache:category:{n}:page:{n} cache:fx:{date} cache:geo:{ip}")

	// The filter leaves what it is asked for.
	b.eval(`(() => { const f = document.querySelector("#groups input"); f.value = "QUEUE"; f.dispatchEvent(new Event("input")); })()`, nil)
	b.want(`[...document.querySelectorAll("#groups tbody th")].map((c) => c.textContent).join(" ")`, "queue:dead queue:email queue:webhooks")
	b.quiet()
}

func TestShards(t *testing.T) {
	b := opened(t, shards())
	b.want(`document.querySelector("h1").textContent`, "3 files")
	b.want(`[...document.querySelectorAll("#groups thead th")].map((h) => h.textContent).filter((h) => h.startsWith("shard")).join(" ")`, "shard-0.rdb shard-1.rdb shard-2.rdb")
	b.want(`[...document.querySelectorAll("#files tbody tr")].map((r) => r.children[2].textContent.replaceAll("\u00a0", " ")).join(", ")`, "50 %, 28 %, 22 %")
	b.quiet()
}

func TestSampled(t *testing.T) {
	r := example()
	r.Sample = 0.01
	r.Total.Squares = 1e15
	for i := range r.Tables[0].Groups {
		r.Tables[0].Groups[i].Squares = 1e13
	}
	b := opened(t, r)
	b.want(`document.querySelector(".about").textContent.includes("1 key of every 100")`, "true")
	b.want(`[...document.querySelectorAll(".tile dd")].slice(0, 3).map((d) => d.textContent.replaceAll("\u00a0", " ")).join(", ")`, "~10.1 GiB, ~1.02 KiB a key, ±29 %, ~10.4 M")
	b.want(`[...document.querySelectorAll("#groups tbody tr:nth-child(2) > *")].slice(1, 5).map((d) => d.textContent.replaceAll("\u00a0", " ")).join(", ")`, "~1.16 GiB, ±25 %, 12 %, ~402,338")
	b.quiet()
}

// The colours are those of the system until others are chosen, and text can be
// read on each ground.
func TestColours(t *testing.T) {
	b := opened(t, example())
	const ground = `getComputedStyle(document.documentElement).backgroundColor`
	const light, dark = "rgb(251, 251, 250)", "rgb(19, 21, 23)"
	check := func(want string) {
		t.Helper()
		b.want(ground, want)
		var poor []string
		b.eval(contrast, &poor)
		for _, p := range poor {
			t.Errorf("on %s: %s", want, p)
		}
	}
	check(light)
	b.colours("dark")
	check(dark)
	b.click(cellOf + `("session:{uuid}")`) // details, and cells that are dimmed
	b.until(`document.querySelector(".cell.dim") !== null`)
	check(dark)
	b.click(`document.querySelector('.top [data-value="light"]')`)
	check(light)
	b.colours("light")
	b.click(`document.querySelector('.top [data-value="dark"]')`)
	check(dark)
	b.want(`document.querySelector('.top [aria-checked="true"]').textContent`, "Dark")
	b.click(`document.querySelector('.top [data-value="auto"]')`)
	check(light)
	b.quiet()
}

// contrast lists texts whose contrast is below 4.5, as WCAG reckons it. A canvas
// turns any notation of a colour into bytes.
const contrast = `(() => {
	const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const rgb = (colour) => {
		context.clearRect(0, 0, 1, 1);
		context.fillStyle = colour;
		context.fillRect(0, 0, 1, 1);
		return [...context.getImageData(0, 0, 1, 1).data];
	};
	const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
	const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
	const poor = [];
	let looked = 0;
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.data.trim() || !e.checkVisibility() || e.closest("script, noscript")) continue;
		let opacity = 1;
		let ground = null;
		for (let a = e; a; a = a.parentElement) {
			if (!ground) opacity *= Number(getComputedStyle(a).opacity);
			const c = getComputedStyle(a).backgroundColor;
			if (!ground && rgb(c)[3] === 255) ground = rgb(c);
		}
		const ink = rgb(getComputedStyle(e).color).map((v, i) => v * opacity + ground[i] * (1 - opacity));
		const [x, y] = [luminance(ink), luminance(ground)];
		const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
		looked++;
		if (ratio < 4.5) poor.push(ratio.toFixed(2) + " " + e.className + " " + walk.currentNode.data);
	}
	if (looked < 100) poor.push("only " + looked + " texts");
	return poor;
})()`

func TestPhone(t *testing.T) {
	b := startBrowser(t)
	b.size(360, 740, true)
	for name, r := range map[string]*memory.Report{"example": example(), "shards": shards(), "hostile": hostile(), "empty": {}} {
		b.open(written(t, r))
		var width struct{ Page, Window float64 }
		b.eval(`({ Page: document.documentElement.scrollWidth, Window: window.innerWidth })`, &width)
		if width.Page > 360 || width.Window != 360 {
			t.Errorf("%s: the page is %v wide in a window of %v", name, width.Page, width.Window)
		}
	}
	b.open(written(t, example()))
	b.want(`(() => { const s = document.querySelector("#groups .scroll"); return s.scrollWidth > s.clientWidth && s.clientWidth < 360; })()`, "true")
	b.click(cellOf + `("user:")`)
	b.until(pathText + ` === "All keys > user:"`)
	b.quiet()
}

// Names are text, whatever they hold, and do nothing.
func TestHostileNames(t *testing.T) {
	b := opened(t, hostile())
	title := fmt.Sprintf("Memory of %d files", len(hostileNames))
	const name = `"<" + "/script><script>document.title='owned'<" + "/script>"`
	b.want(`[...document.querySelectorAll("#groups tbody th .name")].filter((n) => n.textContent === `+name+`).length`, "1")
	b.want(`[...document.querySelectorAll(".findings .text")].some((n) => n.textContent === `+name+`)`, "true")
	b.click(`[...document.querySelectorAll(".findings .link")].find((n) => n.textContent === ` + name + `)`)
	b.until(`document.querySelector(".facts h3")?.textContent === ` + name)
	b.want(`document.scripts.length`, "2")
	b.want(`document.querySelectorAll("img, b, iframe, [onerror], [onmouseover]").length`, "0")
	b.want(`document.title`, title)
	// Every node of the map can be opened, and every tab.
	for range 3 {
		b.eval(`document.querySelectorAll("[role=tab], .findings .link, .cell, button.more").forEach((e) => e.click())`, nil)
		b.eval(`document.querySelectorAll("thead button").forEach((e) => e.click())`, nil)
	}
	b.want(`document.title`, title)
	// Were a name taken for markup, the page's own policy would stop it.
	b.want(`(() => { try { document.body.innerHTML = "<b>"; return "taken"; } catch (e) { return e.name; } })()`, "TypeError")
}

// A page that is as full as it gets still opens, and says what it left out.
func TestHuge(t *testing.T) {
	b := opened(t, huge(20_000))
	b.want(`document.querySelectorAll("#notes li").length > 5`, "true")
	b.want(`document.querySelector("#groups .rest th").textContent.endsWith(" more")`, "true")
	b.quiet()
}

func TestEmpty(t *testing.T) {
	b := opened(t, &memory.Report{})
	b.want(`document.querySelector("#findings .none").textContent`, "Nothing that stands out.")
	b.quiet()
	b.open(written(t, &memory.Report{Sample: 1, Tables: []memory.Table{{By: "pattern"}}}))
	b.want(`document.querySelector(".map").textContent`, "No keys")
	b.quiet()
}

// TestScreenshots draws the example for whoever works on the page.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no -screenshots")
	}
	b := startBrowser(t)
	at := func(name string) string { return filepath.Join(*screenshots, name+".png") }
	down := func(name string) {
		for _, id := range []string{"findings", "map", "charts", "groups", "keys", "files"} {
			b.eval(`document.querySelector("#`+id+`").scrollIntoView()`, nil)
			b.picture(at(name + "-" + id))
		}
		b.eval(`scrollTo(0, 0)`, nil)
		b.picture(at(name))
	}
	b.size(1280, 900, false)
	b.open(written(t, example()))
	down("light")
	b.click(cellOf + `("user:")`)
	b.until(`document.querySelectorAll(".path li").length === 2`)
	b.picture(at("drill"))
	b.click(`document.querySelectorAll(".below .row")[1]`)
	b.picture(at("leaf"))
	b.eval(`location.hash = "#map/0/"`, nil)
	b.colours("dark")
	down("dark")
	b.colours("light")
	b.size(390, 844, true)
	down("phone")
	b.size(1280, 900, false)
	b.open(written(t, shards()))
	down("shards")
}

// TestPictures draws what docs/memory.md shows.
func TestPictures(t *testing.T) {
	if !*pictures {
		t.Skip("no -pictures")
	}
	folder := filepath.Join("..", "..", "..", "docs", "memory")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	b := startBrowser(t)
	b.colours("light")
	r := example()
	r.Findings = r.Findings[:2]
	b.size(1100, 900, false)
	b.open(written(t, r))
	// The map takes its share of a window that grows or shrinks: twice.
	fit := func(above string) {
		for range 2 {
			var height float64
			b.eval(`document.querySelector("#map").getBoundingClientRect().bottom + 24 - `+above, &height)
			b.size(1100, int(height), false)
		}
	}
	fit("0")
	b.picture(filepath.Join(folder, "report.png"))

	b.click(cellOf + `("user:")`)
	b.until(pathText + ` === "All keys > user:"`)
	b.click(`[...document.querySelectorAll(".below .row")].find((r) => r.textContent.startsWith("{n}:"))`)
	b.until(pathText + ` === "All keys > user: > {n}:"`)
	b.click(cellOf + `("followers")`)
	b.until(`document.querySelector(".facts h3") !== null`)
	b.size(1100, 900, false)
	fit(`document.querySelector("#map").getBoundingClientRect().top - 16`)
	b.eval(`document.querySelector("#map").scrollIntoView()`, nil)
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": 2, "y": 2}, nil)
	b.picture(filepath.Join(folder, "drill-down.png"))
	for _, name := range []string{"report.png", "drill-down.png"} {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() >= 200_000 {
			t.Errorf("%s has %d bytes", name, info.Size())
		}
	}
}
