"""Runs ``python -m eval.verification``."""

import sys

from eval.verification.cli import main

sys.exit(main())
