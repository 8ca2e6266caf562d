"""Given to a worker to load before all else: its program is an older one."""

import assistant

assistant.__version__ = "0.0.9"
