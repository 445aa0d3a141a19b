"""The marking desk: a page in the browser, on this machine alone, where free texts are marked question by question."""
