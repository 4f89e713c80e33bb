"""What the tool costs, as ratios, since a ratio says the same on every machine.

Run from the top folder, with the package installed or on the path:

    python -m tests.benchmarks.bench_startup            `assign list` against its bare imports
    python -m tests.benchmarks.bench_scale              the daily commands at 1,000 and 200,000
    python -m tests.benchmarks.bench_scale 1000 1000000     at sizes of your own
    python -m tests.benchmarks.bench_bulk               a sheet against its bare cryptography
    python -m tests.benchmarks.bench_sweep              a hundred due among 1,000 and 1,000,000
    python -m tests.benchmarks.bench_report             honorarium reports at 1,000 and 200,000
    python -m tests.benchmarks.bench_serve              acts and commands at a server, and here

They print and assert nothing: a busy machine must not fail the suite. What they may cost is said in
SPEC section 11; `tests/cli/test_scale.py` holds the part of it that needs no clock, that no daily
query reads a whole table.
"""
