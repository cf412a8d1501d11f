from __future__ import annotations

import re
from pathlib import Path

from django.core.files.storage import FileSystemStorage

from webapp.env import ROOT
from webapp.static_storage import HashedModules

MODULES = ROOT / "static" / "js"
IMPORT = re.compile(r'from "\./([^"]+)"')


def imported(name: str) -> set[str]:
    found = set(IMPORT.findall((MODULES / name).read_text()))
    return found.union(*map(imported, found))


def test_modules_import_each_other_by_their_hashed_names(tmp_path: Path) -> None:
    storage = HashedModules(location=str(tmp_path), base_url="/static/")
    source = FileSystemStorage(location=str(ROOT / "static"))
    modules = [f"js/{path.name}" for path in MODULES.glob("*.js")]
    for name in modules:
        storage.save(name, source.open(name))
    assert all(done is True for _, _, done in storage.post_process({name: (source, name) for name in modules}))
    chart = (tmp_path / storage.stored_name("js/plotly-chart.js")).read_text()
    names = IMPORT.findall(chart)
    assert len(names) == len(IMPORT.findall((MODULES / "plotly-chart.js").read_text())) > 5
    for name in names:
        assert re.fullmatch(r"[a-z-]+\.[0-9a-f]{12}\.js", name)
        assert (tmp_path / "js" / name).is_file()


def test_every_module_of_a_chart_is_asked_for_at_once() -> None:
    head = (ROOT / "templates/components/plotly_head.html").read_text()
    told = re.findall(r"modulepreload\" href=\"{% static 'js/([^']+)' %}", head)
    assert sorted(told) == sorted({"plotly-chart.js", *imported("plotly-chart.js")})
