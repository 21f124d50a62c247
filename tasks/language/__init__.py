"""Stage 3, detect language: langdetect has the last word, behind a guard on the script and a fast pair.

langdetect alone knows 55 languages and answers with one of them whatever it is shown: Georgian is Estonian to it, and
its probability says nothing against that.
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
