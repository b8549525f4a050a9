"""What the suite runs in: the same settings on every machine, whatever the shell or a `.env` file says.

A developer's shell often names a region of Amazon, a key of OpenAI or a proxy. None of that may decide whether a test
passes, and no test may come near an account. Loaded by `-p` in pyproject.toml, before Django reads its settings.
The database and the broker alone stay as they are named: the suite also runs on servers.
"""

import os

from relmail import launch

launch.forget_settings(os.environ, keep=("DATABASE_URL", "CELERY_BROKER_URL", "CELERY_QUEUE"))
launch.call_this_machine_directly(os.environ)
os.environ["RELMAIL_IGNORE_DOTENV"] = "1"
