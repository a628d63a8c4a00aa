"""Every test runs in one lane, and in no other."""

from tools.fusion_cli import runtime, test_lanes

TAGS = "/fusion_centralize_billing,/sale_subscription"


def addon(tmp_path, **classes: int):
    folder = tmp_path / "addons" / runtime.ADDON / "tests"
    folder.mkdir(parents=True)
    (folder.parent / "__manifest__.py").write_text("{}")
    for name, tests in classes.items():
        body = "".join(f"    def test_{number}(self): ...\n" for number in range(tests))
        (folder / f"test_{name.lower()}.py").write_text(f"class {name}:\n{body or '    x = 1'}")
    return tmp_path


def test_one_lane_takes_everything(tmp_path):
    assert test_lanes.share(TAGS, addon(tmp_path, TestA=3, TestB=1), lanes=1) == [TAGS]


def test_the_last_lane_takes_all_that_the_others_did_not_name(tmp_path):
    first, last = test_lanes.share(TAGS, addon(tmp_path, TestA=3, TestB=2, TestC=1), lanes=2)
    assert first == f"/{runtime.ADDON}:TestA"
    assert last == f"{TAGS},-/{runtime.ADDON}:TestA"


def test_classes_are_shared_out_by_their_number_of_tests(tmp_path):
    repo = addon(tmp_path, TestA=4, TestB=3, TestC=3, TestD=2)
    first, _last = test_lanes.share(TAGS, repo, lanes=2)
    assert first == f"/{runtime.ADDON}:TestA,/{runtime.ADDON}:TestD"


def test_a_class_that_takes_long_weighs_more_than_its_tests(tmp_path):
    repo = addon(tmp_path, TestSimulation=1, TestB=3, TestC=3)
    first, _last = test_lanes.share(TAGS, repo, lanes=2)
    assert first == f"/{runtime.ADDON}:TestSimulation"


def test_a_lane_without_a_class_is_left_out(tmp_path):
    assert len(test_lanes.share(TAGS, addon(tmp_path, TestA=1), lanes=3)) == 2


def test_a_class_without_tests_of_its_own_is_left_to_the_last_lane(tmp_path):
    first, last = test_lanes.share(TAGS, addon(tmp_path, TestA=1, Inherits=0), lanes=2)
    assert "Inherits" not in first
    assert last.startswith(TAGS)


def test_the_classes_of_every_addon_of_the_tags_are_shared_out(tmp_path):
    repo = addon(tmp_path, TestA=4)
    folder = repo / "community" / "sale_subscription" / "tests"
    folder.mkdir(parents=True)
    (folder.parent / "__manifest__.py").write_text("{}")
    (folder / "test_x.py").write_text("class TestX:\n    def test_x(self): ...\n")
    (folder / "test_y.py").write_text("class TestY:\n    def test_y(self): ...\n")
    assert "-/sale_subscription:TestY" not in test_lanes.share(TAGS, repo, lanes=2)[1]
    assert test_lanes.share(TAGS, repo, lanes=3)[1] == "/sale_subscription:TestX"
