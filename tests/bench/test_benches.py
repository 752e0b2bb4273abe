"""The benches stand, answer when asked, and reckon right on cases small enough to see.

Nothing is measured here: that is what `make bench` is for.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import numpy as np
import pytest
from bench.data import one_each
from bench.fairness import figures, gini_of_voice
from bench.ordering import greedy, own_tau, random_merge, tau

from bench import __main__ as whole
from bench import peers, saying
from dreamweave.loom.carrying import Carrying
from dreamweave.loom.ordering import Stretch

MODULES = [bench.name for bench in whole.BENCHES]


def carried(*rows: tuple[int, ...], n: int) -> Carrying:
    """Candidates that carry these tellers, at one radius."""
    start = np.cumsum([0, *(len(row) for row in rows)])
    flat = np.array([who for row in rows for who in row], dtype=np.int32)
    return Carrying(n, (500,), start, flat, np.zeros(len(flat), dtype=np.uint8), (0,))


@pytest.mark.parametrize("name", MODULES)
def test_every_bench_says_how_it_is_called(name, capsys):
    bench = importlib.import_module(f"bench.{name}")

    with pytest.raises(SystemExit) as ended:
        bench.main(["--help"])

    assert ended.value.code == 0
    assert f"python -m bench.{name}" in capsys.readouterr().out


def test_every_bench_in_the_folder_is_run_by_all_of_them():
    here = Path(whole.__file__).parent
    own = {path.stem for path in here.glob("*.py") if "def main(" in path.read_text("utf-8")}

    assert own - {"__main__"} == set(MODULES)


def test_voice_is_even_where_all_have_the_same_and_uneven_where_one_has_all():
    alone = carried((0,), (1,), (2,), (3,), n=4)

    assert gini_of_voice(alone, np.array([0, 1, 2, 3]), 0) == pytest.approx(0)
    assert gini_of_voice(alone, np.array([2]), 0) == pytest.approx(3 / 4)
    assert gini_of_voice(alone, np.array([], dtype=int), 0) == 1


def test_a_line_is_shared_by_those_it_carries():
    both = carried((0, 1), (2,), n=3)

    # Halves of one line for 0 and 1, a whole one for 2.
    assert gini_of_voice(both, np.array([0, 1]), 0) == pytest.approx(1 / 6)


def test_figures_of_lines_that_leave_half_of_the_people_out():
    class Case:
        carrying = carried((0, 1), (2, 3), (0,), n=4)

    said = figures(Case, np.array([0]), 2, 1)

    # {2, 3} are two of four people, who could claim one of two lines: rho is 1.
    assert (said.n_lines, said.nothing, said.primary, said.worst) == (1, 50, 1, 1)
    assert said.gini == pytest.approx(1 / 2)


def test_tau_counts_pairs_in_order_and_leaves_equal_ones_out():
    assert tau(np.array([1, 2, 3])) == 1
    assert tau(np.array([3, 2, 1])) == -1
    assert tau(np.array([1, 1, 2])) == 1
    assert tau(np.array([1, 3, 2])) == pytest.approx(1 / 3)


def test_a_random_merge_keeps_each_persons_own_order():
    owners = np.array([0, 1, 0, 1, 0])
    steps = np.array([2, 0, 0, 1, 1])
    stretch = Stretch(np.zeros((5, 4), np.int8), owners, steps, steps * 100, np.arange(5))

    order = random_merge(stretch, np.random.default_rng(3))

    assert sorted(order.tolist()) == [0, 1, 2, 3, 4]
    assert own_tau(stretch, order) == 1


def test_greedy_goes_to_the_most_alike_that_is_left():
    class Held:
        raw = np.array([[1, 0], [0.8, 0.6], [0, 1], [-0.6, 0.8]])
        texts = "abcd"

    # The second is most like all others; from there to the first, and on.
    assert greedy(Held).tolist() == [1, 0, 2, 3]


def test_most_central_and_k_means_pick_what_one_sees():
    corners = np.array([[1.0, 0], [0.9, 0.1], [0, 1.0], [0.1, 0.9], [0.7, 0.7]])
    unit = corners / np.linalg.norm(corners, axis=1, keepdims=True)

    assert peers.centroid(unit, 1).tolist() == [4]
    assert peers.lexrank(unit, 1).tolist() == [4]
    assert {int(i) // 2 for i in peers.kmeans(unit[:4], 2)} == {0, 1}
    assert len(set(peers.mmr(unit, 5).tolist())) == 5


def test_several_runs_are_said_as_their_median_and_their_ends():
    assert saying.spread([0.3, 0.1, 0.2]) == "0.20 (0.10 to 0.30)"
    assert saying.spread([12.34]) == "12.3"
    assert saying.spread([0.0012], 1000) == "1.20"
    assert saying.figure(12345.6) == "12,346"


def test_the_page_gathers_what_was_asked_and_keeps_other_sections(capsys):
    saying.asked("Choice", "at most 150 ms", "92 ms", True)
    saying.asked("Proof", "at most 10 s", "12 s (6 on the processor)", False)
    said = capsys.readouterr().out
    first, second = whole.BENCHES[0].heading, whole.BENCHES[1].heading

    page = whole.written({second: "kept", first: said.strip()})

    assert whole.sections(page)[first] == said.strip()
    assert whole.sections(page)[second] == "kept"
    assert whole.written(whole.sections(page)) == page
    assert whole.summary({first: said}).splitlines()[2:] == [
        "| Choice | at most 150 ms | 92 ms | met |",
        "| Proof | at most 10 s | 12 s (6 on the processor) | **missed** |",
    ]


def test_without_data_it_says_what_is_left_out(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("DREAMWEAVE_DATA", raising=False)

    code = whole.main(["--only", "fairness", "links", "--page", str(tmp_path / "page.md")])

    assert code == 0
    said = capsys.readouterr().out
    assert "fairness: needs DREAMWEAVE_DATA, left out" in said
    assert "links: needs DREAMWEAVE_DATA, left out" in said
    assert not (tmp_path / "page.md").exists()


def test_the_machine_is_told_without_its_name():
    import platform

    assert "cores" in whole.machine()
    assert platform.node() == "" or platform.node() not in whole.machine().split()


def test_peers_are_pinned_and_bring_no_gpu_builds():
    file = Path(whole.__file__).parent / "peers-requirements.txt"
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]

    assert all("==" in line for line in lines)
    names = {line.split("==")[0] for line in lines}
    assert {"bertopic", "evoc", "fast-tsp", "umap-learn", "hdbscan", "scikit-learn"} <= names
    assert not names & {"torch", "sentence-transformers", "tensorflow", "transformers"}


@pytest.mark.data
def test_one_report_each_is_one_report_each():
    if not os.environ.get("DREAMWEAVE_DATA"):
        pytest.skip("DREAMWEAVE_DATA names no folder, so the real reports are not here")

    told = one_each(12, seed=1)

    assert len({report["dreamer"] for report in told}) == len(told) == 12
