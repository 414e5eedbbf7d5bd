"""The coordinate systems of China: known points, there and back, and what is no position."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.problems import Problem
from grids.coordinates import (
    bd09_to_gcj02,
    distance_m,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

WEIHAI = (122.1206, 37.5134)
# Mainland China and its seas, well inside the box.
points_in_china = st.tuples(st.floats(73.7, 135.0), st.floats(3.9, 53.5))
MILLIMETRE = 0.001


def test_gcj02_lies_some_461_metres_from_wgs84_at_weihai():
    lng, lat = wgs84_to_gcj02(*WEIHAI)
    assert distance_m(*WEIHAI, lng, lat) == pytest.approx(461, abs=5)
    # East and north of the true place.
    assert distance_m(*WEIHAI, lng, WEIHAI[1]) == pytest.approx(448, abs=10)
    assert lng > WEIHAI[0]
    assert distance_m(*WEIHAI, WEIHAI[0], lat) == pytest.approx(110, abs=15)
    assert lat > WEIHAI[1]


def test_bd09_lies_some_1300_metres_from_wgs84_at_weihai():
    assert distance_m(*WEIHAI, *wgs84_to_bd09(*WEIHAI)) == pytest.approx(1300, rel=0.05)


def test_points_published_by_others_are_met():
    # eviltransform's test table: Shanghai, Shenzhen, Beijing (WGS-84, GCJ-02; lat, lng there).
    for wgs, gcj in [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ]:
        assert distance_m(*wgs84_to_gcj02(*wgs), *gcj) < 0.01
        assert distance_m(*gcj02_to_wgs84(*gcj), *wgs) < 0.01


@given(points_in_china)
def test_gcj02_there_and_back_is_less_than_a_millimetre_off(point):
    assert distance_m(*gcj02_to_wgs84(*wgs84_to_gcj02(*point)), *point) < MILLIMETRE


@given(points_in_china)
def test_bd09_there_and_back_is_less_than_a_millimetre_off(point):
    assert distance_m(*bd09_to_gcj02(*gcj02_to_bd09(*point)), *point) < MILLIMETRE
    assert distance_m(*to_wgs84(*wgs84_to_bd09(*point), "bd09"), *point) < MILLIMETRE


@given(points_in_china)
def test_the_distortion_is_never_more_than_a_kilometre(point):
    assert 1 < distance_m(*point, *wgs84_to_gcj02(*point)) < 1000


@pytest.mark.parametrize("point", [(-0.1278, 51.5074), (151.2093, -33.8688), (71.9, 35.0), (138.0, 40.0), (100.0, 0.5)])
def test_outside_the_box_around_china_gcj02_is_wgs84(point):
    assert wgs84_to_gcj02(*point) == point
    assert gcj02_to_wgs84(*point) == point
    assert to_wgs84(*point, "gcj02") == point


@pytest.mark.parametrize("coord_type", ["wgs84", "cgcs2000"])
def test_wgs84_and_cgcs2000_are_kept_as_they_are(coord_type):
    assert to_wgs84(*WEIHAI, coord_type) == WEIHAI


@pytest.mark.parametrize("coord_type", ["wgs84", "cgcs2000", "gcj02", "bd09"])
@pytest.mark.parametrize(
    ("lng", "lat", "field"),
    [
        (math.nan, 37.0, "lng"),
        (122.0, math.nan, "lat"),
        (math.inf, 37.0, "lng"),
        (122.0, -math.inf, "lat"),
        (180.1, 37.0, "lng"),
        (-180.1, 37.0, "lng"),
        (122.0, 90.1, "lat"),
        (122.0, -90.1, "lat"),
    ],
)
def test_what_is_no_position_is_refused_naming_the_field(lng, lat, field, coord_type):
    with pytest.raises(Problem) as refused:
        to_wgs84(lng, lat, coord_type)
    assert refused.value.code == "bad_position"
    assert refused.value.field == field
    assert refused.value.status == 400


@pytest.mark.parametrize("coord_type", ["", "WGS84", "gps", "epsg:4326"])
def test_an_unknown_coordinate_system_is_refused(coord_type):
    with pytest.raises(Problem) as refused:
        to_wgs84(*WEIHAI, coord_type)
    assert (refused.value.code, refused.value.field) == ("bad_position", "coord_type")


def test_distances_in_metres():
    assert distance_m(122.0, 37.0, 122.0, 37.0) == 0
    assert distance_m(122.0, 37.0, 122.0, 38.0) == pytest.approx(111_195, rel=0.001)
    assert distance_m(179.9999, 0.0, -179.9999, 0.0) == pytest.approx(22.2, abs=0.1)


@given(points_in_china, points_in_china)
def test_a_distance_is_the_same_both_ways(one, other):
    assert distance_m(*one, *other) == pytest.approx(distance_m(*other, *one))
