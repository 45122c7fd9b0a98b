// Looks at the status page as a person would and prints what it found, as one JSON object.
// Arguments: node_modules, address of the page, Chromium, folder for pictures ("" for none), API key ("" for none).
const [, , modules, address, chromium, pictures, key] = process.argv;
const { chromium: browserType } = require(require.resolve("playwright-core", { paths: [modules] }));
const path = require("path");

(async () => {
  const browser = await browserType.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
  const seen = { problems: [], requests: [] };
  const open = async (options, name) => {
    const page = await (await browser.newContext(options)).newPage();
    page.on("console", m => { if (m.type() === "error" && !/401/.test(m.text())) seen.problems.push(m.text()); });
    page.on("pageerror", e => seen.problems.push(String(e)));
    page.on("request", r => seen.requests.push(r.url()));
    await page.goto(address);
    if (key) {
      await page.waitForSelector("#key.shown", { timeout: 60000 });
      seen.asked = await page.evaluate(() => document.activeElement.id);
      await page.keyboard.type("ms_live_wrong");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => /refused/.test(document.getElementById("keynote").textContent), null, { timeout: 60000 });
      await page.fill("#keyinput", key);
      await page.keyboard.press("Enter");
    }
    await page.waitForFunction(() => document.querySelectorAll("#prov tr").length > 0, null, { timeout: 60000 });
    if (pictures) await page.screenshot({ path: path.join(pictures, name + ".png"), fullPage: true });
    return page;
  };

  const page = await open({ viewport: { width: 1100, height: 900 }, colorScheme: "light" }, "status-light");
  seen.title = await page.title();
  seen.state = await page.textContent("#state");
  seen.providers = await page.$$eval("#prov tr", rows => rows.map(r => Array.from(r.children).map(c => c.textContent)));
  seen.requestsAMinute = await page.textContent("#v-req");
  seen.memory = await page.textContent("#v-mem");
  seen.failovers = await page.textContent("#v-fail");
  seen.charts = await page.$$eval("svg.chart", all => all.map(s => ({ label: s.getAttribute("aria-label"), paths: s.querySelectorAll("path").length })));
  seen.incidents = await page.$$eval("#inc li", all => all.map(l => l.textContent));
  seen.serves = await page.textContent("#routes summary");

  // Live: the clock of the page moves by itself, and stands while paused.
  const now = () => page.textContent("#now");
  const first = await now();
  await page.waitForFunction(t => document.getElementById("now").textContent !== t, first, { timeout: 60000 });
  const dark = await open({ viewport: { width: 1100, height: 900 }, colorScheme: "dark" }, "status-dark");
  await page.click("#pause");
  seen.paused = await page.getAttribute("#pause", "aria-pressed");
  const stood = await now();
  for (let i = 0; i < 2; i++) { // two updates reach the page beside it meanwhile
    const t = await dark.textContent("#now");
    await dark.waitForFunction(x => document.getElementById("now").textContent !== x, t, { timeout: 60000 });
  }
  seen.stood = stood === await now();
  await page.click("#pause");

  // By keyboard: everything that can be operated is reached, and a route opens with Enter and stays open when the next update comes.
  await page.evaluate(() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute("tabindex"); window.scrollTo(0, 0); });
  seen.tabs = [];
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => { const e = document.activeElement; return e.id || e.className || e.tagName.toLowerCase(); });
    seen.tabs.push(at);
    if (at === "summary") { await page.keyboard.press("Enter"); break; }
  }
  const t = await now();
  await page.waitForFunction(x => document.getElementById("now").textContent !== x, t, { timeout: 60000 });
  seen.open = await page.$$eval("#routes details[open] li", all => all.map(l => l.textContent));

  // For screen readers: every section, table and control has a name.
  seen.nameless = await page.evaluate(() => [
    ...Array.from(document.querySelectorAll("section")).filter(s => !document.getElementById(s.getAttribute("aria-labelledby"))),
    ...Array.from(document.querySelectorAll("button, input, [role=img]")).filter(e => !(e.textContent.trim() || e.getAttribute("aria-label") || e.closest("label"))),
    ...Array.from(document.querySelectorAll("th")).filter(e => !e.scope)].map(e => e.outerHTML.slice(0, 80)));
  seen.lang = await page.getAttribute("html", "lang");
  seen.live = await page.getAttribute("#state", "aria-live");

  seen.dark = await dark.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const phone = await open({ viewport: { width: 360, height: 740 }, colorScheme: "light", isMobile: true, hasTouch: true, deviceScaleFactor: 2 }, "status-phone");
  seen.phone = await phone.evaluate(() => ({ wide: document.documentElement.scrollWidth, view: document.documentElement.clientWidth, small: Array.from(document.querySelectorAll("button")).filter(b => b.offsetParent && b.offsetHeight < 36).length }));

  // Contrast of text against what is behind it, both schemes.
  const contrast = p => p.evaluate(() => {
    const rgb = c => c.match(/[\d.]+/g).slice(0, 3).map(Number);
    const lum = c => { const [r, g, b] = rgb(c).map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
    const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\)$|transparent/.test(c)) return c; } return "rgb(255,255,255)"; };
    let worst = 21, where = "";
    for (const e of document.querySelectorAll("body *")) {
      if (!Array.from(e.childNodes).some(n => n.nodeType === 3 && n.textContent.trim()) || !e.offsetParent) continue;
      const a = lum(getComputedStyle(e).color), b = lum(behind(e)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < worst) { worst = ratio; where = e.outerHTML.slice(0, 80); }
    }
    return { worst, where };
  });
  seen.contrast = [await contrast(page), await contrast(dark)];
  await browser.close();
  console.log(JSON.stringify(seen));
})().catch(e => { console.error(e); process.exit(1); });
