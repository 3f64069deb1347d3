"""Build the static site of the lessons into site/: ``make site``. Nothing is fetched, now or later.

nbconvert turns the stored notebooks into HTML, latex2mathml their formulas into MathML, which
browsers draw by themselves; the pages hold their own style, light and dark.
"""

import re
import shutil
from pathlib import Path

import latex2mathml.converter
import nbformat
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

ROOT = Path(__file__).parents[1]
OUT = ROOT / "site"
BOOKS = ("index.ipynb", *sorted(p.name for p in (ROOT / "notebooks").glob("[0-9]*.ipynb")))
FORMULA = re.compile(r"(`[^`]*`)|\$\$(.+?)\$\$|\$([^$\n]+?)\$", flags=re.S)
STYLE = """
:root { --ink: #1b1b1b; --page: #fff; --soft: #f5f5f5; --line: #d5d5d5; --link: #0b57a4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --page: #16181b; --soft: #22262b; --line: #444; --link: #8ab8f0; }
  img { background: #fff; border-radius: 4px; }
}
body { font: 1.05rem/1.6 system-ui, sans-serif; color: var(--ink); background: var(--page);
  margin: 0 auto; max-width: 46rem; padding: 1rem; }
a { color: var(--link); } h1, h2, h3 { line-height: 1.25; margin-top: 2em; }
pre { background: var(--soft); padding: .7em; overflow-x: auto;
  font-size: .88rem; border-radius: 4px; }
.jp-OutputArea-output pre { background: none; border-left: 3px solid var(--line); }
img { max-width: 100%; height: auto; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border: 1px solid var(--line); padding: .25em .6em; text-align: left; }
nav { display: flex; gap: 1.5em; flex-wrap: wrap; } .skip { position: absolute; left: -99em; }
.skip:focus { position: static; } math[display=block] { margin: 1em 0; }
.jp-InputPrompt, .jp-OutputPrompt, .anchor-link { display: none; }
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="wclab: learn the Wilson-Cowan model"><style>{style}</style></head>
<body><a class="skip" href="#main">To the lesson</a><nav aria-label="Lessons">{links}</nav>
<main id="main">{body}</main><nav aria-label="More lessons">{links}</nav></body></html>
"""


def main(out: Path = OUT) -> None:
    """Write one page for each notebook."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    light, dark = (HtmlFormatter(style=name).get_style_defs(".highlight")
                   for name in ("bw", "github-dark"))  # fmt: skip
    style = f"{STYLE}{light}@media (prefers-color-scheme: dark) {{{dark}}}"
    for k, name in enumerate(BOOKS):
        book = nbformat.read(ROOT / "notebooks" / name, as_version=4)
        title = re.search(r"# (.+)", book.cells[0].source)
        page = PAGE.format(
            title=title[1] if title else name, style=style, body=_body(book), links=_links(k)
        )
        (out / _html(name)).write_text(page, encoding="utf-8")


def _body(book: nbformat.NotebookNode) -> str:
    """Return a notebook as HTML, with its formulas as MathML and its links to pages."""
    formulas: list[str] = []

    def token(found: re.Match[str]) -> str:
        if found[1]:
            return found[1]
        block = found[2] is not None
        text = found[2] or found[3]
        formulas.append(
            latex2mathml.converter.convert(text, display="block" if block else "inline")
        )
        return f"FORMULA{len(formulas) - 1}END"

    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = FORMULA.sub(token, cell.source)
    exporter = HTMLExporter(template_name="basic")
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = (
        exporter.exclude_anchor_links
    ) = True
    body, _ = exporter.from_notebook_node(book)
    body = re.sub(r"FORMULA(\d+)END", lambda found: formulas[int(found[1])], body)
    body = re.sub(r'href="([\w]+)\.ipynb"', r'href="\1.html"', body)
    body = re.sub(r"<thead>\s*<tr>\s*(<th></th>\s*)+</tr>\s*</thead>", "", body)  # of header cards
    return body.replace("<th></th>", "<td></td>").replace("<pre>", '<pre tabindex="0">')


def _links(k: int) -> str:
    """Return the links to the overview, the lesson before and the one after."""
    places = [("Overview", 0), ("Previous", k - 1), ("Next", k + 1)]
    return "".join(
        f'<a href="{_html(BOOKS[j])}">{word}</a>'
        for word, j in places
        if (word == "Overview" or j >= 1) and j < len(BOOKS) and j != k
    )


def _html(name: str) -> str:
    return f"{Path(name).stem}.html"


if __name__ == "__main__":
    main()
