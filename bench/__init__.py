"""Measurements, each beside a floor in the same run; `script/bench` runs them and writes `bench/results/`."""
