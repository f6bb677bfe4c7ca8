"""authorize on Google's functions-framework: `functions-framework --target serve --source on_framework.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "compute"))

from authorize import main  # noqa: E402


def serve(request):
    return main(request.get_json(force=True))
