/*
 * Looks at pages as mail programs would: their markup (html-validate), in a browser light and
 * dark and from 320 to 1,200 pixels wide: accessible (axe), nothing cut off, nothing fetched,
 * nothing run, hostile names as text.
 *
 * usage: node check.js MODULES ORDER
 *
 * MODULES is the folder that holds node_modules. ORDER is a JSON file: {"chromium": PATH,
 * "shots": FOLDER, "pages": [{"name", "file", "pictures": FOLDER, "texts": [...]}]}, where
 * each of `texts` must be readable in the page. Prints {NAME: [PROBLEM...]}.
 */
"use strict";
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");

const [modules, orderFile] = process.argv.slice(2);
const from = createRequire(path.join(path.resolve(modules), "node_modules", "_"));
const { HtmlValidate } = from("html-validate");
const puppeteer = from("puppeteer-core");
const axeSource = fs.readFileSync(from.resolve("axe-core/axe.min.js"), "utf8");

const WIDTHS = [320, 600, 1200];
const SHOT_HEIGHT_MAX = 16000; // the browser draws no larger picture
const SCHEMES = ["light", "dark"];
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const AXE_RULES = ["heading-order", "empty-table-header", "scope-attr-valid"];

/* All that a page may be made of: whatever else is there was let in by a name. */
const TAGS = new Set(
    ("html head meta title style body div table thead tbody tr th td h1 h2 h3 h4 h5 p span br b " +
     "ul li code img").split(" "));
const ATTRIBUTES = new Set(
    ("lang charset name content class style role scope data-label aria-hidden src " +
     "alt width").split(" "));

/* ---- Markup -------------------------------------------------------------------------------- */

const validator = new HtmlValidate({
    root: true,
    extends: ["html-validate:recommended"],
    rules: {
        // Mail programs drop style sheets: what must hold stands in the element.
        "no-inline-style": "off",
        // Outlook knows the widest width and fonts only from what it alone reads.
        "no-conditional-comment": "off",
        // The parser adds it; a hundred layout tables do without.
        "prefer-tbody": "off",
        // A name is up to 120 characters long, and not ours to shorten further.
        "long-title": "off",
    },
});

async function validate(html) {
    const report = await validator.validateString(html);
    return report.results.flatMap((result) =>
        result.messages.map((m) => `markup ${m.ruleId}: ${m.message} (line ${m.line})`));
}

/* ---- In a browser -------------------------------------------------------------------------- */

/* Runs in the page. */
function inspect(tags, attributes, texts) {
    const problems = [];
    for (const element of document.querySelectorAll("*")) {
        if (!tags.includes(element.localName))
            problems.push(`element <${element.localName}>`);
        for (const a of element.attributes)
            if (!attributes.includes(a.name))
                problems.push(`attribute ${a.name} of <${element.localName}>`);
    }
    for (const image of document.images) {
        if (!image.alt)
            problems.push("a picture without words");
        if (!image.complete || image.naturalWidth === 0)
            problems.push(`the picture ${image.src} is not shown`);
    }
    const readable = document.body.textContent;
    for (const text of texts)
        if (!readable.includes(text))
            problems.push(`not readable: ${JSON.stringify(text)}`);
    return problems;
}

/* Runs in the page: what sticks out of the window, by name. */
function overflow() {
    const wide = document.documentElement.scrollWidth;
    if (wide <= window.innerWidth)
        return [];
    const culprits = [...document.querySelectorAll("body *")]
        .filter((e) => e.getBoundingClientRect().right > window.innerWidth + 0.5)
        .map((e) => `<${e.localName}> ${e.textContent.trim().slice(0, 40)}`);
    return [`scrolls sideways: ${wide} of ${window.innerWidth}: ${culprits.slice(-2).join("; ")}`];
}

async function findBarriers(page) {
    await page.evaluate(axeSource);
    const found = await page.evaluate(async (tags, rules) => {
        const more = Object.fromEntries(rules.map((rule) => [rule, { enabled: true }]));
        const { violations } = await window.axe.run(document, {
            runOnly: { type: "tag", values: tags }, rules: more, resultTypes: ["violations"],
        });
        return violations.map((v) => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 120),
                               v.nodes[0].failureSummary]);
    }, AXE_TAGS, AXE_RULES);
    return found.map(([id, n, html, why]) => `axe ${id} (${n}): ${html}: ${why}`);
}

/* What a page asks for beside itself and its pictures. */
function watch(page, order, problems) {
    const own = new Set([`file://${order.file}`]);
    const pictures = `file://${order.pictures}/`;
    page.on("request", (request) => {
        if (!own.has(request.url()) && !request.url().startsWith(pictures))
            problems.push(`asks for ${request.url().slice(0, 100)}`);
    });
    page.on("dialog", (dialog) => {
        problems.push("a script ran");
        dialog.dismiss();
    });
}

async function shoot(page, width, file) {
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    const height = Math.min(whole, SHOT_HEIGHT_MAX);
    await page.screenshot({ path: file, clip: { x: 0, y: 0, width, height } });
}

async function lookAs(page, order, scheme, width, shots) {
    const problems = [];
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    problems.push(...(await page.evaluate(overflow)));
    if (width !== 600)
        problems.push(...(await findBarriers(page)));
    if (shots)
        await shoot(page, width, path.join(shots, `${order.name}-${scheme}-${width}.png`));
    return problems.map((problem) => `${scheme} ${width}: ${problem}`);
}

async function look(browser, order, shots) {
    const problems = [];
    const page = await browser.newPage();
    watch(page, order, problems);
    await page.goto(`file://${order.file}`, { waitUntil: "load" });
    problems.push(...(await page.evaluate(inspect, [...TAGS], [...ATTRIBUTES], order.texts)));
    for (const scheme of SCHEMES)
        for (const width of WIDTHS)
            problems.push(...(await lookAs(page, order, scheme, width, shots)));
    await page.close();
    return problems;
}

async function main() {
    const order = JSON.parse(fs.readFileSync(orderFile, "utf8"));
    const browser = await puppeteer.launch({
        executablePath: order.chromium,
        headless: true,
        protocolTimeout: 300000,
        // As root in a container there is no sandbox, and /dev/shm is small.
        args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
    });
    const found = {};
    try {
        for (const page of order.pages)
            found[page.name] = [...(await validate(fs.readFileSync(page.file, "utf8"))),
                                ...(await look(browser, page, order.shots))];
    } finally {
        await browser.close();
    }
    console.log(JSON.stringify(found, null, 1));
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
