"""The exercises of the course: answers are checked, and a wrong one is told what it shows.

The contract: whatever a student hands over, these functions return something to read and raise
nothing. All words and numbers stand in files, ``texts/<language>/lesson_NN.yaml``; what a
student has done stays in one file beside the notebooks.
"""

from typing import TYPE_CHECKING

from wclab.course.checking import check, hint, solution
from wclab.course.collect import collect
from wclab.course.feedback import Feedback
from wclab.course.overview import Overview, progress
from wclab.course.texts import language

if TYPE_CHECKING:
    from wclab.course.widgets import Prediction

__all__ = [
    "Feedback",
    "Overview",
    "check",
    "collect",
    "hint",
    "language",
    "predict",
    "progress",
    "solution",
]


def predict(lesson: object) -> "Prediction | Feedback":
    """Ask the question of a lesson before the run: choose, then see what the choice says.

    Parameters
    ----------
    lesson : str
        Such as "03".

    Returns
    -------
    Prediction or Feedback
        A widget that works with the keyboard; a kind word if there is no such question.
    """
    from wclab.course.checking import find_question
    from wclab.course.widgets import Prediction

    found = find_question(lesson)
    return found if isinstance(found, Feedback) else Prediction(found)
