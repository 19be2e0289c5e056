
"use strict";
const matches = (text, kind, words, wanted) =>
  (!wanted || kind === wanted) && words.every((word) => text.includes(word));
const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
const collator = new Intl.Collator("en", { numeric: true });
const compare = (one, other, descending) => {
  const order = collator.compare(one, other);
  // What has no value comes last, whichever way.
  if (!one || !other) return one === other ? 0 : one ? -1 : 1;
  return descending ? -order : order;
};
const start = (page) => {
  const table = page.getElementById("rows");
  const body = table.tBodies[0];
  const words = page.getElementById("words");
  const kind = page.getElementById("kind");
  const shown = page.getElementById("shown");
  const rows = Array.from(body.rows, (row) => ({
    row,
    cells: Array.from(row.cells, (cell) => cell.textContent),
    text: row.textContent.toLowerCase(),
  }));
  const filter = () => {
    const wanted = wordsOf(words.value);
    let count = 0;
    for (const { row, cells, text } of rows) {
      row.hidden = !matches(text, cells[1], wanted, kind.value);
      count += row.hidden ? 0 : 1;
    }
    shown.textContent = count === rows.length ? `${count} rows` : `${count} of ${rows.length} rows`;
  };
  const headings = Array.from(table.tHead.rows[0].cells);
  headings.forEach((heading, column) => {
    heading.addEventListener("click", () => {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      rows.sort((one, other) => compare(one.cells[column], other.cells[column], descending));
      body.append(...rows.map(({ row }) => row));
    });
  });
  words.addEventListener("input", filter);
  kind.addEventListener("change", filter);
  page.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  // A browser that goes back keeps what was typed.
  filter();
};
if (typeof document !== "undefined") start(document);
