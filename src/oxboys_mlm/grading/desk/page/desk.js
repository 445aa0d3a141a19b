"use strict";

// ---- what is known ---------------------------------------------------------------------------------

let overview, question, states = {}, answers = {}, names = null, current = null;
let jobs = [];            // saves that are not in the gradebook yet, in order
let sending = null;       // the one that is under way
let flushing = null;      // ends when all of them are sent, or cannot be
let loading = 0;
const steps = [];         // what can be taken back, the last one last
const clashes = new Map();
let offline = false;
let asList = false;

const $ = (id) => document.getElementById(id);

function make(tag, settings = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "html") element.innerHTML = value; // the server has cleaned it
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

// What stays below the header knows how high it is: a long message or an alarm takes another line.
new ResizeObserver(([{ target }]) => document.documentElement.style.setProperty("--header", `${target.offsetHeight}px`))
  .observe(document.querySelector("header"));

const key = (name) => make("kbd", {}, name);
const ids = () => Object.keys(states);
const number = (id) => ids().indexOf(id) + 1;
const format = (points) => String(Math.round(points * 10000) / 10000);
const inPoints = (points) => `${format(points)} ${points === 1 ? "point" : "points"}`;
const said = (id) => `Answer ${number(id)}`;

/** The mark of an answer as it was decided here, or else as the gradebook has it. */
function view(id) {
  for (const job of [...jobs].reverse()) {
    const item = job.question === question.key && job.items.find((each) => each.id === id);
    if (item) return item;
  }
  const state = states[id];
  return { id, stamp: state.stamp, ticks: state.ticks, difference: state.difference, reason: state.reason,
    comment: state.comment, done: !state.waits, replace: false, keep: false };
}

const foreign = (id) => (states[id].conflict || states[id].elsewhere) && !view(id).replace && !view(id).keep;
const touched = (mark) => mark.ticks.length > 0 || mark.difference !== 0;

function points(mark) {
  const ticked = question.statements.filter((statement) => mark.ticks.includes(statement.name));
  return ticked.reduce((sum, statement) => sum + statement.points, 0) + mark.difference;
}

/** "clash", "gone", "conflict", "waits", "begun", "empty" or "done". */
function standing(id) {
  if (clashes.has(id)) return "clash";
  if (answers[id]?.gone) return "gone";
  if (states[id].conflict && !view(id).replace && !view(id).keep) return "conflict";
  const mark = view(id);
  if (mark.done) return states[id].empty ? "empty" : "done";
  return touched(mark) ? "begun" : "waits";
}
const waits = (id) => !["done", "empty", "gone"].includes(standing(id));
const SIGNS = { clash: ["⚠", "clash"], gone: ["✕", "not there"], conflict: ["⚠", "other points in formgrader"], waits: ["○", "waits"],
  begun: ["◐", "begun"], empty: ["–", "empty"], done: ["●", "marked"] };

// ---- talking to the server -------------------------------------------------------------------------

/** What went wrong with a request, in words; `status` is 0 if nobody answered. */
class Said extends Error {
  constructor(status, words, body = {}) { super(words); this.status = status; this.body = body; }
}

async function ask(path, sent) {
  const options = sent === undefined ? {} : {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(sent) };
  let reply, body;
  try {
    reply = await fetch(path, options);
    body = await reply.json();
  } catch {
    throw new Said(0, "Not connected to the desk: is oxboys mark still running?");
  }
  if (reply.status === 403) throw new Said(403, "The desk was started anew: open the address that it printed, in this browser.");
  if (!reply.ok) throw new Said(reply.status, body.error || "This did not work.", body);
  return body;
}

/** Say what went wrong with a request, and what that means for marks. */
function trouble(error) {
  if (!(error instanceof Said)) throw error;
  if (![400, 404].includes(error.status)) offline = true;
  tell("", jobs.length ? `${error.message} ${unsaved()}` : error.message);
}

/** Do something that may ask the server. */
const attempt = (act) => Promise.resolve(act()).catch(trouble);

// Every page keeps its own, so that none takes away what another has not saved.
const shelves = () => JSON.stringify(["oxboys-desk", overview.course, overview.assignment, overview.second]);
const here = crypto.randomUUID();
const shelf = () => shelves() + here;
const desk = () => overview.second ? "Second marks" : "Marking desk";

function keep() {
  try {
    if (jobs.length) localStorage.setItem(shelf(), JSON.stringify(jobs));
    else localStorage.removeItem(shelf());
  } catch { /* a browser may keep nothing; then the page does */ }
}

/** Take over what pages before this one could not save, behind what was decided here already; say whether there is any. */
function takeOver() {
  try {
    const left = Object.keys(localStorage).filter((name) => name.startsWith(shelves()) && name !== shelf());
    jobs.push(...left.flatMap((name) => JSON.parse(localStorage.getItem(name))));
    keep();
    left.forEach((name) => localStorage.removeItem(name));
    return left.length > 0;
  } catch { return false; }
}

function tell(text, alarm = "") {
  $("status").textContent = text;
  $("alarm").textContent = alarm;
  $("alarm").hidden = !alarm;
}

function unsaved() {
  const many = jobs.reduce((sum, job) => sum + job.items.length, 0);
  return `${many} ${many === 1 ? "mark is" : "marks are"} not saved yet. Keep this page open; they are saved as soon as that works.`;
}

/** Send what is not saved yet, one after the other; what cannot be sent stays. */
const flush = () => (flushing ??= send().finally(() => { flushing = null; }));

async function send() {
  while (jobs.length) {
    const job = sending = jobs[0];
    job.sent = true; // and may be saved, whatever becomes of the reply
    tell("Saving …", offline ? $("alarm").textContent : "");
    try {
      await save(job);
      offline = false;
    } catch (error) {
      trouble(error);
      if (error.status !== 403) setTimeout(flush, 2000);
      return;
    } finally {
      sending = null;
      keep();
      refresh();
    }
  }
}

async function save(job) {
  try {
    const done = await ask(`save/${job.question}`, job.items);
    jobs = jobs.filter((each) => each !== job);
    steps.push(done.step);
    for (const [id, state] of Object.entries(done.states)) {
      if (job.question === question.key) states[id] = state;
      // What was decided after it was decided knowing it.
      for (const later of jobs) for (const item of later.items) if (item.id === id) item.stamp = state.stamp;
    }
    tell(job.said ?? "Saved");
    if (!ids().some(waits)) tell(`${job.said ?? "Saved"}. ${nothingWaits()}`);
  } catch (error) {
    if (error.status === 409) await clash(job, error.body.clash);
    else if (error.status === 400) refuse(job, error.message);
    else throw error;
  }
}

/** Whether what stands there is the very mark: a reply may have been lost, or two people agree. */
const isSaved = (mark, state) => state && state.waits !== mark.done && !state.conflict && state.comment.trim() === mark.comment.trim()
  && state.difference === mark.difference && state.reason === mark.reason.trim() && String(state.ticks) === String(question.statements
    .map((statement) => statement.name).filter((name) => mark.ticks.includes(name)));

async function clash(job, grades) {
  if (job.question !== question.key) await open(job.question);
  const fresh = await ask(`states/${question.key}`);
  await load(grades, true);
  const taken = [];
  const alone = job.items.length === 1;
  for (const id of grades) {
    const own = job.items.find((item) => item.id === id);
    if (isSaved(own, fresh[id]) && answers[id]?.seen === own.seen) {
      job.items = job.items.filter((item) => item !== own);
      for (const each of jobs) for (const item of each.items) if (item.id === id) item.stamp = fresh[id].stamp;
      continue;
    }
    taken.push(id);
    const mine = [...jobs].reverse().flatMap((each) => each.items).find((item) => item.id === id);
    for (const each of jobs) each.items = each.items.filter((item) => item.id !== id);
    if (alone && fresh[id] && !answers[id]?.gone) clashes.set(id, mine);
  }
  jobs = jobs.filter((each) => each.items.length);
  update(fresh);
  if (!taken.length) { tell("Saved"); return; }
  const [first] = taken;
  if (clashes.has(first)) {
    tell("", `${said(first)} was changed by somebody else meanwhile. Nothing was overwritten: choose below what stays.`);
    go(first);
  } else if (alone) {
    tell("", "Not saved: this answer is not there any more. It was taken back, or could not be graded again.");
  } else {
    tell("", `${taken.length} of these answers were changed by somebody else meanwhile, and stay as they are.`);
  }
  showMark();
}

/** Take over where answers stand, but for those whose marks are on their way; say what changed. */
function update(fresh) {
  const pending = new Set(jobs.flatMap((job) => job.items.map((item) => item.id)));
  const changed = Object.keys({ ...states, ...fresh })
    .filter((id) => !fresh[id] || (!pending.has(id) && states[id]?.stamp !== fresh[id].stamp));
  for (const id of changed) {
    if (fresh[id]) states[id] = fresh[id];
    else { delete states[id]; clashes.delete(id); }
  }
  if (current && !states[current]) { current = ids().find(waits) ?? ids()[0] ?? null; showAnswers(); showMark(); }
  return changed;
}

function refuse(job, reason) {
  jobs = jobs.filter((each) => each !== job);
  tell("", `Not saved: ${reason}`);
}

/** Change a mark, here and then in the gradebook. */
function edit(id, change) {
  const mark = { ...view(id), seen: answers[id].seen, ...change };
  const last = jobs[jobs.length - 1];
  if (last && !last.sent && last.items.length === 1 && last.items[0].id === id && last.question === question.key) {
    last.items[0] = mark;
  } else {
    jobs.push({ question: question.key, items: [mark] });
  }
  keep();
  refresh();
  flush();
}

async function poll() {
  if (!question || document.hidden || sending) return;
  const asked = question.key, fresh = await ask(`states/${asked}`);
  if (asked !== question.key || sending) return;
  if (offline) {
    offline = false;
    tell("Connected");
    flush();
  }
  const changed = update(fresh);
  if (changed.length) refresh();
  if (changed.includes(current) && !busyTyping()) showMark();
  if (!loading && ids().some((id) => !answers[id])) await load(ids());
}

const busyTyping = () => ["TEXTAREA", "INPUT"].includes(document.activeElement?.tagName)
  && document.activeElement.type !== "checkbox";

// ---- what is shown ---------------------------------------------------------------------------------

async function open(name, focus = false) {
  settle();
  question = await ask(`question/${name}`);
  states = question.states;
  answers = {};
  names = null;
  clashes.clear();
  $("names").setAttribute("aria-pressed", "false");
  $("question").value = name;
  $("search").value = "";
  document.title = `${question.title} – ${desk()}`;
  $("asked-text").innerHTML = question.question;
  $("desk").hidden = false;
  location.hash = name;
  const first = ids().find(waits) ?? ids()[0];
  current = first ?? null;
  refresh();
  // Nothing of the last question may stand there beside this one's rubric.
  showAnswers();
  showMark();
  if (first) await load([first]);
  go(first, focus);
  await load(ids());
  if (question.key === name && answers[current]?.gone) nextWaiting();
}

/** Fetch answers that are not here yet, a few at a time. */
async function load(wanted, again = false) {
  const asked = question.key;
  const missing = wanted.filter((id) => again || !answers[id]);
  loading += 1;
  try {
    for (let start = 0; start < missing.length; start += 20) {
      const some = missing.slice(start, start + 20);
      const found = await ask(`answers/${asked}?ids=${some.join(",")}`);
      if (asked !== question.key) return;
      Object.assign(answers, found);
      refresh();
      if (asList || some.includes(current)) showAnswers();
    }
  } finally {
    loading -= 1;
  }
}

function shown() {
  const words = $("search").value.trim().toLocaleLowerCase();
  return ids().filter((id) => {
    if ($("only").checked && !waits(id) && id !== current) return false;
    return !words || `${said(id)} ${names?.[id] ?? ""} ${answers[id]?.text ?? ""}`.toLocaleLowerCase().includes(words);
  });
}

/** Bring everything up to date that says where marks stand; leaves alone what is being typed. */
function refresh() {
  const all = ids(), waiting = all.filter(waits).length;
  const done = all.filter((id) => ["done", "empty"].includes(standing(id))).length;
  $("bar").max = Math.max(1, all.length);
  $("bar").value = done;
  $("count").textContent = `${done} of ${all.length} marked`;
  const option = [...$("question").options].find((each) => each.value === question.key);
  const info = overview.questions.find((each) => each.key === question.key);
  info.waiting = waiting;
  option.textContent = `${info.notebook} · ${question.title} (${info.waiting} wait)`;
  $("list").replaceChildren(...shown().map((id) => {
    const [sign, word] = SIGNS[standing(id)];
    const excerpt = names ? names[id] : (answers[id]?.text ?? "").slice(0, 90);
    return make("li", {}, make("button", {
      type: "button", "aria-current": id === current ? "true" : false, onclick: () => go(id, true) },
    make("span", { class: `sign ${standing(id)}`, role: "img", "aria-label": word }, sign),
    make("span", { class: "number" }, String(number(id))), make("span", { class: "excerpt" }, excerpt || word)));
  }));
  $("list").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  for (const article of $("answers").children) headline(article);
  refreshMark();
}

function headline(article) {
  const id = article.dataset.id;
  if (!states[id]) return;
  const mark = view(id), [sign, word] = SIGNS[standing(id)];
  const score = touched(mark) || mark.done ? `${format(states[id].elsewhere && !touched(mark) ? states[id].points : points(mark))} of ${format(question.points)} points, ` : "";
  article.querySelector("h2").textContent = names ? `${said(id)}: ${names[id]}` : said(id);
  article.querySelector(".where").textContent = `${sign} ${score}${word}`;
  article.classList.toggle("current", id === current);
}

function showAnswers() {
  const wanted = asList ? shown() : current ? [current] : [];
  $("answers").replaceChildren(...wanted.map((id) => {
    const answer = answers[id];
    const article = make("article", { "data-id": id, tabindex: "-1", onclick: () => id !== current && go(id) },
      make("div", { class: "head" }, make("h2"), make("span", { class: "where" })),
      !answer ? make("p", { class: "aside" }, "…")
        : answer.gone ? make("p", { class: "aside" }, "This answer is not there now: it was taken back, or could not be graded again. oxboys grade says which.")
        : answer.html ? make("div", { class: "text", html: answer.html })
        : make("p", { class: "aside" }, "Nothing was written here."));
    for (const link of article.querySelectorAll("a[href^=http]")) link.target = "_blank";
    headline(article);
    return article;
  }));
  if (!ids().length) $("answers").replaceChildren(make("p", { class: "aside" }, "Nobody has answered this yet."));
}

function go(id, focus = false) {
  if (!id) { showAnswers(); return; }
  settle();
  const same = id === current;
  current = id;
  if (asList && $("answers").querySelector(`[data-id="${id}"]`)) refresh();
  else { refresh(); showAnswers(); }
  showMark();
  if (!answers[id]) attempt(() => load([id]));
  const article = $("answers").querySelector(`[data-id="${id}"]`);
  article?.scrollIntoView({ block: asList ? "nearest" : "nearest" });
  if (focus || !same) article?.focus({ preventScroll: true });
}

/** Build the marking panel of the current answer. */
function showMark() {
  const id = current, place = $("mark");
  if (!id) { place.replaceChildren(); return; }
  settle();
  const mark = view(id), few = question.statements.length > 0;
  place.replaceChildren(...[
    make("div", { id: "notes" }),
    make("fieldset", { id: "statements" }, make("legend", {}, few ? "The answer says" : "This question has no rubric: give points below"),
      ...question.statements.map((statement, index) => make("div", { class: "statement" },
        make("label", {},
          make("input", { type: "checkbox", value: statement.name, "aria-keyshortcuts": String(index + 1), onchange: () => tick(index) }),
          key(String(index + 1)), make("span", {},
            make("strong", {}, `${statement.name}, ${format(statement.points)}: `), make("span", { html: statement.text }))),
        make("div", { class: "examples" },
          ...statement.accepted.map((text) => make("p", { class: "accepted" }, make("b", {}, "Accepted: "), make("span", { html: text }))),
          ...statement.refused.map((text) => make("p", { class: "refused" }, make("b", {}, "Refused: "), make("span", { html: text }))),
          statement.note ? make("p", { class: "aside", html: statement.note }) : null)))),
    make("p", { id: "sum" }),
    make("div", { class: "fields" },
      make("label", {}, few ? "Points above or below" : "Points", make("input", { id: "difference", inputmode: "decimal", size: 8, autocomplete: "off",
        value: mark.difference || "", "aria-keyshortcuts": "d", onchange: differ })),
      few ? make("label", { class: "wide" }, "Reason (the student reads it)", make("input", { id: "reason", value: mark.reason, maxlength: 300, onchange: differ })) : null),
    make("label", { class: "wide" }, overview.second ? "Note for the report; students do not see it" : "Comment for the student (Markdown)",
      make("textarea", { id: "comment", rows: 3, "aria-keyshortcuts": "c", oninput: commented, onblur: () => commented.now?.() })),
    make("div", { id: "before" }),
    make("div", { class: "tools" },
      make("button", { type: "button", id: "done", class: "main", "aria-keyshortcuts": "Enter", onclick: () => done() }, key("Enter"), " done, next"),
      make("button", { type: "button", id: "alike", "aria-keyshortcuts": "a", onclick: together })),
    make("details", { id: "found", ontoggle: () => attempt(checks) }, make("summary", {}, key("o"), " What checks found in this notebook"), make("div")),
    make("details", {}, make("summary", {}, "Model answer"), make("div", { class: "text", html: question.model })),
    question.advice ? make("details", {}, make("summary", {}, "Advice"), make("div", { class: "text", html: question.advice })) : null].filter(Boolean));
  $("comment").value = mark.comment;
  place.scrollTop = 0;
  refreshMark();
}

function refreshMark() {
  const id = current, place = $("mark");
  if (!id || !$("statements")) return;
  const mark = view(id), state = states[id], other = foreign(id);
  const notes = [];
  if (clashes.has(id)) {
    const mine = clashes.get(id);
    notes.push(make("div", { class: "note" },
      make("p", {}, `Somebody else has changed this answer meanwhile${state.marker ? ` (${state.marker}, ${state.marked})` : ""}. Shown is what they saved: ${state.points == null ? "no points" : inPoints(state.points)}. You gave ${inPoints(points(mine))}${mine.ticks.length ? ` (${mine.ticks.join(", ")})` : ""}${mine.comment ? `, with the comment “${mine.comment}”` : ""}.`),
      make("div", { class: "tools" },
        make("button", { type: "button", onclick: () => { clashes.delete(id); tell("Theirs stays"); refresh(); showMark(); } }, "Leave theirs"),
        make("button", { type: "button", onclick: () => { clashes.delete(id); edit(id, { ...mine, stamp: states[id].stamp, seen: answers[id].seen, replace: true }); showMark(); } }, "Save mine"))));
  } else if (other) {
    notes.push(make("div", { class: "note" },
      make("p", {}, state.conflict
        ? `Somebody has changed the points in formgrader: ${state.points == null ? "none" : format(state.points)} there, and the ticks here give ${format(state.ticked)}.`
        : `Given in formgrader, without ticks: ${inPoints(state.points)}.`),
      make("div", { class: "tools" },
        state.points == null ? null : make("button", { type: "button", onclick: () => { edit(id, { keep: true, done: true }); showMark(); } }, `Keep ${inPoints(state.points)}`),
        make("button", { type: "button", onclick: () => { edit(id, { replace: true }); showMark(); } }, "Mark by ticks"))));
  }
  if (state.changed.length) notes.push(make("p", { class: "note" }, `Waits again: ${state.changed.map((what) => `the ${what}`).join(" and ")} changed after this was marked.`));
  if (state.marker) notes.push(make("p", { class: "aside" }, `Last marked by ${state.marker}, ${state.marked}`));
  const written = JSON.stringify([clashes.get(id), other, state]);
  if ($("notes").dataset.written !== written) { $("notes").replaceChildren(...notes); $("notes").dataset.written = written; }
  const shut = other || Boolean(answers[id]?.gone);
  for (const box of $("statements").querySelectorAll("input")) { box.checked = mark.ticks.includes(box.value); box.disabled = shut; }
  $("sum").textContent = other ? `${format(state.points ?? 0)} of ${format(question.points)} points`
    : touched(mark) || mark.done ? `${format(points(mark))} of ${format(question.points)} points` : "No points yet";
  for (const field of place.querySelectorAll("#difference, #reason")) field.disabled = shut;
  $("comment").disabled = Boolean(answers[id]?.gone);
  const alike = others(id).length;
  $("alike").hidden = !alike;
  $("alike").replaceChildren(key("a"), ` done, and ${alike} more that ${alike === 1 ? "says" : "say"} the same`);
  suggest(mark);
}

/** Offer comments that were given on this question before, those used most first. */
function suggest(mark) {
  const counts = new Map();
  for (const id of ids()) {
    const text = id !== current ? view(id).comment.trim() : "";
    if (text) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const offered = [...counts].sort(([, one], [, other]) => other - one).slice(0, 8)
    .filter(([text]) => text !== mark.comment.trim());
  const written = JSON.stringify(offered);
  if ($("before").dataset.written === written) return;
  $("before").dataset.written = written;
  $("before").replaceChildren(...(offered.length ? [make("p", { class: "aside" }, "Given before on this question"),
    make("ul", {}, ...offered.map(([text, times]) => make("li", {}, make("button", { type: "button",
      onclick: () => { $("comment").value = text; commented.now = null; edit(current, { comment: text }); $("comment").focus(); } },
    text, make("span", { class: "aside" }, ` ${times}×`)))))] : []));
}

// ---- what can be done ------------------------------------------------------------------------------

function tick(index) {
  const statement = question.statements[index];
  if (!statement || !current || !answers[current] || answers[current].gone || foreign(current)) return;
  const ticks = view(current).ticks;
  edit(current, { ticks: ticks.includes(statement.name) ? ticks.filter((name) => name !== statement.name) : [...ticks, statement.name] });
}

/** The points above or below, as typed; NaN for what is no number. Half of Europe writes 1,5. */
function typed() {
  const text = $("difference").value.trim().replace(",", ".").replace("−", "-");
  return text === "" ? 0 : /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
}

function differ() {
  const difference = typed();
  if (Number.isNaN(difference)) { tell("", `The points are not a number: ${$("difference").value}`); return; }
  const reason = $("reason")?.value.trim() ?? "";
  if (difference && question.statements.length && !reason) { tell("Write a reason, and it is saved."); return; }
  const sum = points({ ...view(current), difference });
  if (sum < 0 || sum > question.points) { tell("", `That would be ${format(sum)} points; this question gives 0 to ${format(question.points)}.`); return; }
  edit(current, { difference, reason });
}

function commented() {
  const id = current;
  clearTimeout(commented.timer);
  const save = () => {
    commented.now = null;
    clearTimeout(commented.timer);
    if (id === current && $("comment") && $("comment").value !== view(id).comment) edit(id, { comment: $("comment").value });
  };
  commented.now = save;
  commented.timer = setTimeout(save, 700);
}

function settle() { commented.now?.(); }

function move(by) {
  const all = shown(), place = all.indexOf(current);
  const next = all[place + by];
  if (next) go(next, true);
}

/** The next question on which something waits, as far as is known here. */
function nextQuestion() {
  const all = overview.questions, place = all.findIndex((each) => each.key === question.key);
  return [...all.slice(place + 1), ...all.slice(0, place)].find((each) => each.waiting);
}

const nothingWaits = () => nextQuestion() ? "Nothing waits on this question any more; w leads to the next one."
  : "Nothing waits any more, on no question.";

function nextWaiting() {
  const all = ids(), place = all.indexOf(current);
  const next = [...all.slice(place + 1), ...all.slice(0, place)].find(waits);
  if (next) { go(next, true); return true; }
  tell(current && waits(current) ? "No other answer to this question waits." : nothingWaits());
  refresh();
  return false;
}

/** Go to what waits, on another question if nothing does on this one. */
async function onward() {
  if (nextWaiting() || (current && waits(current))) return;
  for (const { key: name, waiting } of (await ask("overview")).questions) {
    if (name !== question.key) overview.questions.find((each) => each.key === name).waiting = waiting;
  }
  const next = nextQuestion();
  if (next) await open(next.key, true);
  else tell(nothingWaits());
}

function done() {
  settle();
  if (!current || !answers[current]) return;
  if (answers[current].gone) { nextWaiting(); return; }
  if (Number.isNaN(typed())) { differ(); return; }
  if (foreign(current) || clashes.has(current)) { tell("Choose first what stays."); return; }
  if (typed() && !view(current).difference) { differ(); return; }
  if (!view(current).done) edit(current, { done: true });
  nextWaiting();
}

/** Answers that wait, untouched, and say the same as this one. */
function others(id) {
  const form = answers[id]?.alike;
  return form ? ids().filter((each) => each !== id && answers[each]?.alike === form && standing(each) === "waits" && !foreign(each)) : [];
}

function together() {
  settle();
  if (!current || !answers[current] || foreign(current) || clashes.has(current)) return;
  const mark = { ...view(current), done: true }, same = others(current);
  if (!same.length) return;
  jobs.push({ question: question.key, said: `Saved: ${same.length + 1} answers that say the same`, items: [current, ...same].map((id) => (
    { ...mark, id, stamp: view(id).stamp, seen: answers[id].seen, replace: id === current && mark.replace })) });
  keep();
  flush();
  nextWaiting();
}

async function undo() {
  settle();
  await flush();
  if (jobs.length) { tell("", `Nothing was taken back. ${unsaved()}`); return; }
  const last = steps.pop();
  if (!last) { tell("There is nothing to take back."); return; }
  try {
    const back = await ask("undo", last);
    if (back.question !== question.key) await open(back.question);
    Object.assign(states, back.states);
    const all = Object.keys(back.states);
    tell(all.length > 1 ? `Taken back for ${all.length} answers` : "Taken back");
    go(all[0], true);
  } catch (error) {
    if (error.status === 409) tell("", "Not taken back: somebody else has changed this answer since.");
    else if (error.status === 400) tell("", error.message);
    else { steps.push(last); throw error; }
  }
}

async function checks() {
  const place = $("found").querySelector("div");
  if (!$("found").open || place.childElementCount) return;
  const rows = await ask(`checks/${question.key}/${current}`);
  place.replaceChildren(make("dl", {}, ...rows.map((row) => make("div", {},
    make("dt", {}, make("code", {}, row.name), ` ${format(row.points)} of ${format(row.most)}`), make("dd", { html: row.said })))));
  if (!rows.length) place.replaceChildren(make("p", {}, "There are no checks in this notebook."));
}

async function toggleNames() {
  names = names ? null : await ask(`students/${question.key}`);
  $("names").setAttribute("aria-pressed", String(Boolean(names)));
  refresh();
}

function toggleList() {
  asList = !asList;
  document.body.classList.toggle("as-list", asList);
  $("as-list").setAttribute("aria-pressed", String(asList));
  showAnswers();
  go(current);
}

const KEYS = {
  Enter: done, a: together, n: () => move(1), ArrowRight: () => move(1), p: () => move(-1), ArrowLeft: () => move(-1),
  w: onward, u: undo, l: toggleList, i: toggleNames, c: () => $("comment").focus(), d: () => $("difference").focus(),
  o: () => { $("found").open = !$("found").open; }, q: () => { $("asked").open = !$("asked").open; },
  "/": () => { $("search").focus(); $("search").select(); }, "?": () => $("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  const target = event.target, typing = target.matches("textarea, select, input:not([type=checkbox])");
  if ($("keys").open || event.isComposing) return;
  if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); target.blur?.(); done(); return; }
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape" && target !== document.body) {
    if (target.id === "search" && target.value) { target.value = ""; refresh(); if (asList) showAnswers(); }
    target.blur();
    $("answers").querySelector(".current")?.focus({ preventScroll: true });
    return;
  }
  if (event.key === "ArrowDown" && target.id === "comment" && !target.value) {
    const first = $("before").querySelector("button");
    if (first) { event.preventDefault(); first.focus(); }
    return;
  }
  if (["ArrowDown", "ArrowUp"].includes(event.key) && target.closest("#before")) {
    const all = [...$("before").querySelectorAll("button")];
    event.preventDefault();
    (all[all.indexOf(target) + (event.key === "ArrowDown" ? 1 : -1)] ?? $("comment")).focus();
    return;
  }
  if (typing && target.id === "search" && event.key === "Enter") { const [first] = shown(); if (first) go(first, true); return; }
  if (typing || !question || !$("keys-on").checked) return;
  if (event.key === "Enter" && target.matches("button, summary, a")) return; // it presses that
  const act = /^[1-9]$/.test(event.key) ? () => tick(Number(event.key) - 1) : KEYS[event.key];
  if (act) { event.preventDefault(); attempt(act); }
});

window.addEventListener("beforeunload", (event) => { settle(); if (jobs.length) event.preventDefault(); });
window.addEventListener("focus", () => attempt(poll));
window.addEventListener("storage", (event) => {
  // The desk was started anew, and its new page has saved what was left here.
  if (overview && event.key === shelf() && !event.newValue && offline) { jobs = []; tell("", "Go on in the desk's new page."); refresh(); }
});

for (const [id, act] of Object.entries({
  previous: () => move(-1), next: () => move(1), waiting: onward, undo, "as-list": toggleList, names: toggleNames,
  "keys-button": () => $("keys").showModal(), "keys-close": () => $("keys").close() })) $(id).addEventListener("click", () => attempt(act));
$("search").addEventListener("input", () => { refresh(); if (asList) showAnswers(); });
$("only").addEventListener("change", () => { refresh(); if (asList) showAnswers(); });
$("question").addEventListener("change", () => { settle(); attempt(() => open($("question").value)); });

(async () => {
  overview = await ask("overview");
  steps.push(...overview.steps);
  document.querySelector("h1").textContent = desk();
  for (const each of overview.questions) {
    $("question").append(make("option", { value: each.key }, `${each.notebook} · ${each.title} (${each.waiting} wait)`));
  }
  const asked = location.hash.slice(1);
  const first = overview.questions.find((each) => each.key === asked) ?? overview.questions.find((each) => each.waiting) ?? overview.questions[0];
  await open(first.key);
  if (takeOver()) {
    await flush();
    showMark();
    if ($("alarm").hidden) tell("Marks that were not saved before are saved now.");
  }
  setInterval(() => attempt(poll), 10000);
})().catch(trouble);
