"use strict";
// Tables are whole without this; it only makes their headers sort.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const headers = [...table.tHead.rows[0].cells];
  const value = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  const compare = (one, other) => {
    // What has no value stands last among numbers.
    if (one === "" || other === "") return (one === "") - (other === "");
    const difference = Number(one) - Number(other);
    return Number.isNaN(difference) ? one.localeCompare(other, undefined, { numeric: true }) : difference;
  };
  headers.forEach((header, column) => {
    if ("fixed" in header.dataset) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => {
      const descending = header.getAttribute("aria-sort") === "ascending";
      const rows = [...body.rows].map((row) => [value(row, column), row]);
      rows.sort(([one], [other]) => {
        const empty = one === "" || other === "";
        return descending && !empty ? compare(other, one) : compare(one, other);
      });
      body.append(...rows.map(([, row]) => row));
      for (const each of headers) each.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    });
  });
}
