"""Stage 3, detect language: by the script, by two fast detectors that agree, or by langdetect where they disagree.

The words tell Serbian and Bosnian from Croatian, and relatives of known languages, which are `und`. What the page declares is
evidence between near relatives.

langdetect alone is not enough. It knows 55 languages and names one of them for any text, with a high probability:
Estonian for Georgian.
"""

from tasks.stage import Stage

STAGE = Stage(
    name="detect_language",
    run="tasks.language.stage:detect_language",
    queue="enrich",
    load="tasks.language.stage:load",
    adds=("language", "language_confidence", "language_detector", "script"),
    notes=("detector",),
)
