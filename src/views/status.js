/*
 * Keeps the open page up to date: fetches the parts that have changed and changes what is different in them, so that
 * what is selected or has the focus stays.  What runs on by itself is counted here, from the points in time that
 * stand beside it, up to the time of the last look.  A change of a line is also said, for those who listen to the page.
 */
"use strict";

(() => {
	const PERIOD = 2000;    // ms between two looks
	const LONGEST = 30000;  // while nobody answers
	const PATIENCE = 10000; // for one answer

	const news = document.getElementById("news");
	const stale = document.getElementById("stale");
	let wait = PERIOD;
	let timer = 0;
	let looking = false;
	let version = ""; // of what is shown; "": it may be anything
	let since = Date.now();

	/* ---- one tree made like another ---- */

	const key = (node) => node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") || node.id : "";

	const alike = (a, b) => a.nodeName === b.nodeName && key(a) === key(b);

	function sameAttributes(old, fresh) {
		for (const { name } of [...old.attributes])
			if (!fresh.hasAttribute(name))
				old.removeAttribute(name);
		for (const { name, value } of fresh.attributes)
			if (old.getAttribute(name) !== value)
				old.setAttribute(name, value);
	}

	function make(old, fresh) {
		if (old.nodeType !== Node.ELEMENT_NODE) {
			if (old.nodeValue !== fresh.nodeValue)
				old.nodeValue = fresh.nodeValue;
			return;
		}
		sameAttributes(old, fresh);
		let at = old.firstChild;
		for (const child of fresh.childNodes) {
			let match = at;
			while (match && !alike(match, child))
				match = match.nextSibling;
			if (!match) {
				old.insertBefore(document.importNode(child, true), at);
				continue;
			}
			while (at !== match) {
				const gone = at;
				at = at.nextSibling;
				gone.remove();
			}
			at = match.nextSibling;
			make(match, child);
		}
		while (at) {
			const gone = at;
			at = at.nextSibling;
			gone.remove();
		}
	}

	/* ---- what is said ---- */

	function states() {
		const found = new Map();
		for (const part of document.querySelectorAll("[data-news]")) {
			const name = part.dataset.news;
			const text = part.textContent.trim();
			found.set(name, found.has(name) ? `${found.get(name)} ${text}` : text);
		}
		return found;
	}

	function say(before, after) {
		const said = [];
		for (const [name, text] of after)
			if (before.get(name) !== text)
				said.push(`${name}: ${text}`);
		if (said.length > 0)
			news.textContent = said.join(". ");
	}

	/* ---- what runs on ---- */

	const UNITS = [["d", 86400], ["h", 3600], ["m", 60], ["s", 1]];

	/* The two largest units, as the page itself has them (base/text.c). */
	function duration(seconds) {
		if (seconds <= 0)
			return "0s";
		const i = UNITS.findIndex(([, size]) => seconds >= size);
		const [name, size] = UNITS[i];
		const [low, lowSize] = UNITS[i + 1] ?? ["", 1];
		const rest = Math.floor(seconds % size / lowSize);
		return `${Math.floor(seconds / size)}${name}` + (rest > 0 && low !== "" ? `${rest}${low}` : "");
	}

	/* In what time something ends: rounded up to what can be seen. */
	function durationUp(seconds) {
		const step = seconds >= 86400 ? 3600 : seconds >= 3600 ? 60 : 1;
		return duration(Math.ceil(seconds / step) * step);
	}

	function count(within, now) {
		for (const time of within.querySelectorAll("time[data-up], time[data-until]")) {
			const step = Number(time.dataset.step ?? 1);
			const text = time.dataset.until !== undefined ? durationUp(time.dataset.until - now) :
				duration(Math.floor((now - time.dataset.up) / step) * step);
			if (time.textContent !== text)
				time.textContent = text;
		}
		for (const bar of within.querySelectorAll("progress[data-until]"))
			bar.value = Math.max(0, Math.min(bar.max, (bar.dataset.until - now) * 1000));
	}

	/* ---- looking ---- */

	/* The parts of a document, by their keys; what lies within one is none. */
	function parts(nodes) {
		const found = new Map();
		for (const node of nodes)
			if (!node.parentElement?.closest("[data-key]"))
				found.set(node.dataset.key, node);
		return found;
	}

	/* False: the page is made of other parts than these. */
	function show(answer, head) {
		const here = parts(document.querySelectorAll("[data-key]"));
		const fresh = parts([...answer.querySelectorAll("template")].map((t) => t.content.firstElementChild));
		const all = "all" in head.dataset;
		if ("reload" in head.dataset || (all && [...here.keys()].join("\n") !== [...fresh.keys()].join("\n")))
			return false;
		const now = Number(head.dataset.now);
		const before = states();
		for (const [key, part] of fresh) {
			count(part.parentNode, now);
			make(here.get(key), part);
		}
		count(document, now);
		say(before, states());
		version = head.dataset.version;
		return true;
	}

	async function get(path, signal) {
		const answer = await fetch(path, { cache: "no-cache", signal });
		const text = await answer.text();
		if (!answer.ok)
			throw new Error(answer.status);
		return new DOMParser().parseFromString(text, "text/html");
	}

	/* Lines or services have come, gone or changed places. */
	async function whole(signal) {
		const fresh = await get("/", signal);
		const before = states();
		for (const part of ["title", "header", "main"])
			make(document.querySelector(part), fresh.querySelector(part));
		say(before, states());
		version = "";
	}

	function answered() {
		wait = PERIOD;
		since = Date.now();
		stale.hidden = true;
	}

	function silent() {
		const gone = Math.round((Date.now() - since) / 1000);
		stale.textContent = `No answer for ${gone} s: what is shown here is from before.`;
		stale.hidden = false;
		wait = Math.min(wait * 2, LONGEST);
	}

	async function look() {
		if (looking)
			return;
		looking = true;
		const ended = new AbortController();
		const deadline = setTimeout(() => ended.abort(), PATIENCE);
		try {
			const answer = await get(`/changes?${version}`, ended.signal);
			if (!show(answer, answer.getElementById("changes")))
				await whole(ended.signal);
			answered();
		} catch (error) {
			silent();
		}
		clearTimeout(deadline);
		looking = false;
		again();
	}

	/* Nobody looks at a hidden page: then neither do we. */
	function again() {
		clearTimeout(timer);
		if (!document.hidden)
			timer = setTimeout(look, wait);
	}

	document.addEventListener("visibilitychange", () => {
		clearTimeout(timer);
		if (!document.hidden)
			look();
	});
	again();
})();
