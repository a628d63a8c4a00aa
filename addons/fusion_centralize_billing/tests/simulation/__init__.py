"""A company's book lived through day by day, from a seed. Run in short by `test_simulation.py`, for
five years by `bench/simulation.py`."""
