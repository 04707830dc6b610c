(function () {
  "use strict";
  // A line to type in above each long table; without this script the tables are simply whole.
  document.querySelectorAll("table[data-filter]").forEach(function (table) {
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    if (rows.length < 2) return;
    var box = document.createElement("p");
    box.className = "filter";
    var label = document.createElement("label");
    label.textContent = table.getAttribute("data-filter");
    var input = document.createElement("input");
    input.type = "search";
    input.autocomplete = "off";
    input.placeholder = "a word, an id, a code";
    var told = document.createElement("output");
    label.appendChild(input);
    box.appendChild(label);
    box.appendChild(told);
    table.parentNode.parentNode.insertBefore(box, table.parentNode);
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/);
      var seen = 0;
      rows.forEach(function (row, n) {
        var fits = words.every(function (word) { return texts[n].indexOf(word) >= 0; });
        row.hidden = !fits;
        if (fits) seen += 1;
      });
      told.textContent = input.value ? seen + " of " + rows.length : "";
    });
  });
})();
