/*
 * Keeps the open page up to date: fetches it again and changes what is different, so that what is
 * selected or has the focus stays.  A change of a line is also said, for those who listen to the page.
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
	let seen = null;  // the ETag of what is shown
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

	/* ---- looking ---- */

	function show(text) {
		const fresh = new DOMParser().parseFromString(text, "text/html");
		const before = states();
		for (const part of ["title", "header", "main"])
			make(document.querySelector(part), fresh.querySelector(part));
		say(before, states());
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
			const answer = await fetch("/", { cache: "no-cache", signal: ended.signal });
			const text = await answer.text();
			if (!answer.ok)
				throw new Error(answer.status);
			if (seen === null || answer.headers.get("ETag") !== seen)
				show(text);
			seen = answer.headers.get("ETag");
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
