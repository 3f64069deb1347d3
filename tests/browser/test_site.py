"""The static site: links lead somewhere, nothing is fetched, axe finds nothing in both themes."""

import re
import runpy
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.pages import shoot

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site into a temporary folder."""
    names = runpy.run_path(str(ROOT / ".ci" / "site.py"))
    names["main"](out := tmp_path_factory.mktemp("site") / "site")
    return out


def test_every_link_and_picture_of_the_site_is_there_and_none_is_elsewhere(site):
    pages = sorted(site.glob("*.html"))
    assert [page.name for page in pages][-1] == "index.html"
    assert len(pages) == len(list((ROOT / "notebooks").glob("*.ipynb")))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r'href="([^"#]+)', text):
            assert (site / target).is_file(), f"{page.name}: {target}"
        sources = re.findall(r'src="([^"]+)', text)
        assert all(source.startswith("data:image/") for source in sources)
        assert text.count("<img ") == len(re.findall(r'<img [^>]*alt="[^"]{20,}"', text))
        assert "FORMULA" not in text
        assert "<math" in text or page.stem in ("index", "06_phase_plane")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_a_page_of_the_site_in_either_theme(page, site, theme):
    page.emulate_media(color_scheme=theme)
    for name in ("index", "02_stepping_in_time", "06_phase_plane"):
        page.goto((site / f"{name}.html").as_uri())
        found = Axe().run(page).response["violations"]
        assert [(v["id"], [n["html"][:80] for n in v["nodes"][:2]]) for v in found] == []
        shoot(page, f"site-{name}-{theme}")
    assert page.errors == []
