"""Fixed points, branches, diagrams: W6 and what an explorer asks for at each move of a slider."""

from harness import Asked, Contestant, Subject

POINTS = Subject(
    "points",
    "W6: all fixed points of 10,000 circuits",
    "100 x 100 values of an input and a weight: every fixed point with its eigenvalues. C "
    "eliminates along a nullcline, looks for changes of sign between a number of places and "
    "refines each by Newton's method; 512 places are enough here, 64 are not. wclab proves by "
    "interval bounds that none is missed. An error is the number of points that are missed, or "
    "else the largest rate at a point.",
    unit="C, 512 places",
    contestants=[
        Contestant("C, 512 places", "runs_analysis.points_in_c", arguments=(512,)),
        Contestant("C, 64 places", "runs_analysis.points_in_c", number=5, arguments=(64,)),
        Contestant("wclab", "runs_analysis.points", number=3),
    ],
    asked=[Asked("wclab", 1.5, "C, 512 places"), Asked("wclab", 1.5, "C, 64 places")],
)

ANALYSIS = Subject(
    "analysis",
    "The analysis of one circuit",
    "Set 11 of Wilson & Cowan (1972). The first row is of a circuit that is known; the second is "
    "one move of a slider: other numbers, nullclines, fixed points and a field of 20 x 20 arrows. "
    "Branches: -4 < P < 6, all folds and Hopf points. Diagrams: all fold and Hopf curves "
    "with their cusps, Bogdanov-Takens and generalised Hopf points, -4 < P < 6, and -6 < Q < 4, a "
    "weight from 5 to 25, or a time constant from 2 to 40. Cycles: from the Hopf point to the "
    "homoclinic.",
    unit="nullclines and fixed points",
    contestants=[
        Contestant("nullclines and fixed points", "runs_analysis.plane", number=20),
        Contestant("a move of a slider", "runs_analysis.new_plane", number=20),
        Contestant("branch, closed form", "runs_analysis.branch", number=20),
        Contestant("branch, arclength", "runs_analysis.continued"),
        Contestant("cycles to T = 60 tau", "runs_analysis.rhythm"),
        Contestant("(P, Q) diagram", "runs_analysis.inputs", number=10),
        Contestant("(P, weight) diagram", "runs_analysis.weight", number=2),
        Contestant("(P, time constant) diagram", "runs_analysis.time_constant", number=2),
    ],
    asked=[
        Asked("nullclines and fixed points", 1e-3),
        Asked("branch, closed form", 1e-3),
        Asked("branch, arclength", 50e-3),
        Asked("cycles to T = 60 tau", 400e-3),
        Asked("(P, Q) diagram", 2e-3),
        Asked("(P, weight) diagram", 40e-3),
        Asked("(P, time constant) diagram", 40e-3),
    ],
)
