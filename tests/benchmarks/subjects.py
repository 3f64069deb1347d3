"""What is compared, and who takes part. A new subject is one more entry.

A new peer is a file ``runs_PEER.py`` and an entry in `machine.PEERS`.
"""

from harness import Asked, Contestant, Subject
from subjects_analysis import ANALYSIS, POINTS
from subjects_many import MANY, PLAIN

ONE_RUN = Subject(
    "one-run",
    "W1: one run with 250,000 steps",
    "The seed's run (125 ms, step 5e-4, a row every 1e-2, a pulse as input), template loaded. "
    "The C kernel is a plain Euler loop. neurolib's equations are of the same size, not the same.",
    unit="C, Euler",
    contestants=[
        Contestant("C, Euler", "runs_c.euler", number=5),
        Contestant("wclab, Euler, compiled", "runs_wclab.euler", number=5),
        Contestant("wclab, RK4, compiled", "runs_wclab.rk4", number=5),
        Contestant("wclab, Euler", "runs_wclab.euler", without=PLAIN),
        Contestant("wclab, RK4", "runs_wclab.rk4", without=PLAIN),
        Contestant("brainmass, Euler", "runs_brainmass.euler", peer="brainmass", number=5),
        Contestant("neurolib, Euler", "runs_neurolib.euler", peer="neurolib", number=3),
        Contestant("diffrax, Euler", "runs_diffrax.euler", peer="diffrax", number=3),
        Contestant("PyRates, Euler, float64", "runs_pyrates.euler", peer="pyrates", every=3),
        Contestant(
            "PyRates, Euler, float32", "runs_pyrates.euler_float32", peer="pyrates", every=4
        ),
    ],
    asked=[
        Asked("wclab, Euler", 0.06, "PyRates, Euler, float64"),
        Asked("wclab, Euler", 0.06, "PyRates, Euler, float32"),
        Asked("wclab, Euler", 20.0, "C, Euler"),
        Asked("wclab, Euler, compiled", 1.3, "C, Euler"),
    ],
)

PRECISE = Subject(
    "precise",
    "W2: one run to 1e-6",
    "The same run with a row every 0.25 ms and an error of at most 1e-6. Adaptive methods: rtol "
    "1e-6, atol 1e-9, restarted at the pulse's edges (not by PyRates, which misses 1e-6). By hand: "
    "the equations as plain Python. Its engine: what the explorers call, arrays in and out; "
    "its kernel: the machine code alone, in arrays that stay, as those of C do; "
    "elsewhere what comes with a run, such as its DataFrame, counts.",
    unit="C, Dormand-Prince",
    contestants=[
        Contestant("C, Dormand-Prince", "runs_c.dopri5", number=500),
        Contestant("wclab, dopri5, compiled", "runs_wclab.dopri5", number=10, arguments=(1,)),
        Contestant("wclab, dopri5", "runs_wclab.dopri5", number=10, without=PLAIN),
        Contestant("wclab, its engine", "runs_wclab.engine", number=10, without=PLAIN),
        Contestant("wclab, its engine, compiled", "runs_wclab.engine", number=20, arguments=(1,)),
        Contestant("wclab, its kernel, compiled", "runs_wclab.kernel", number=20),
        Contestant("wclab, RK4, step 0.25", "runs_wclab.coarse_rk4", number=5, without=PLAIN),
        Contestant(
            "wclab, RK4, step 0.25, compiled", "runs_wclab.coarse_rk4", number=10, arguments=(1,)
        ),
        Contestant('wclab, solver="scipy"', "runs_wclab.scipy"),
        Contestant("numbalsoda", "runs_numbalsoda.precise", number=50, peer="numbalsoda"),
        Contestant("diffrax, Dopri5", "runs_diffrax.precise", number=20, peer="diffrax"),
        Contestant("odeint by hand", "runs_scipy.by_odeint", number=5),
        Contestant("solve_ivp RK45 by hand", "runs_scipy.solve_ivp_rk45"),
        Contestant("solve_ivp LSODA by hand", "runs_scipy.solve_ivp_lsoda"),
        Contestant('PyRates, solver="scipy"', "runs_pyrates.precise", peer="pyrates"),
    ],
    asked=[
        Asked("wclab, its engine", 30.0, "C, Dormand-Prince"),
        Asked("wclab, its engine, compiled", 1.1, "C, Dormand-Prince"),
        Asked("wclab, its kernel, compiled", 1.1, "C, Dormand-Prince"),
    ],
)

SHORT = Subject(
    "short-run",
    "Fixed cost: 100 steps",
    "Template loaded. `with_vars` changes one number first (PyRates: `update_var`).",
    unit="wclab, run",
    contestants=[
        Contestant("wclab, run", "runs_wclab.short_run", number=50),
        Contestant("wclab, with_vars and run", "runs_wclab.changed_run", number=20),
        Contestant("PyRates, run", "runs_pyrates.short_run", peer="pyrates"),
        Contestant("PyRates, update_var and run", "runs_pyrates.changed_run", peer="pyrates"),
    ],
    asked=[Asked("wclab, run", 3e-3)],
)

FIRST = Subject(
    "first-run",
    "A fresh process: from its start to the first result",
    "Start of Python, import, load, build and 100 steps (pandas is imported by the first run).",
    unit="Python, import pandas",
    contestants=[
        Contestant("Python, import pandas", "import pandas", fresh=True),
        Contestant("wclab, WC", "import runs_wclab\nruns_wclab.first_run()", fresh=True),
        Contestant(
            "wclab, every shipped circuit",
            "import runs_wclab\nruns_wclab.every_circuit()",
            fresh=True,
        ),
        Contestant(
            "PyRates, WC",
            "import runs_pyrates\nruns_pyrates.first_run()",
            peer="pyrates",
            fresh=True,
        ),
    ],
)

IMPORT = Subject(
    "import",
    "Import",
    "Fresh processes, byte code cached; the start of Python is part of each.",
    unit="import numpy",
    contestants=[
        Contestant("Python alone", "", fresh=True),
        Contestant("import numpy", "import numpy", fresh=True),
        Contestant("import wclab", "import wclab", fresh=True),
        Contestant("wclab, part by part", "import runs_imports\nruns_imports.parts()", fresh=True),
        Contestant("import pyrates", "import pyrates", peer="pyrates", fresh=True),
    ],
    asked=[Asked("import wclab", 0.15, "import numpy", difference=True)],
)

SUBJECTS = [ONE_RUN, PRECISE, *MANY, POINTS, ANALYSIS, SHORT, FIRST, IMPORT]
