"""`python -m claudepack`."""

import sys

from claudepack.cli import main

sys.exit(main())
