"""Stage 3, detect language: langdetect has the last word, behind a guard on the script and a fast pair.

`detect_language` is the stage, `Detector` what it works with. langdetect alone knows 55 languages and answers with
one of them whatever it is shown: Georgian is Estonian to it, and its probability says nothing against that.
"""

from tasks.language.detector import Detector, Guess
from tasks.language.opinions import UNDETERMINED
from tasks.language.stage import detect_language

__all__ = ["UNDETERMINED", "Detector", "Guess", "detect_language"]
