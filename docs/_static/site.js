// Whatever scrolls sideways can be reached, and then scrolled, with the keyboard.
function makeReachable() {
  for (const box of document.querySelectorAll(".highlight pre, .output, .math, .table-wrapper")) {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
    } else {
      box.removeAttribute("tabindex");
    }
  }
}

makeReachable();
addEventListener("load", makeReachable);
addEventListener("resize", makeReachable);
// Inside a closed fold nothing has a width.
document.addEventListener("toggle", makeReachable, true);
