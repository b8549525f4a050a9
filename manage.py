#!/usr/bin/env python
"""Django's command line, with the two things that must happen before settings are read.

Python's version is checked in words a newcomer understands, and `up` and `demo` choose their ports.
"""

import os
import sys

if not (3, 11) <= sys.version_info[:2] < (3, 14):
    sys.exit("relmail needs Python 3.11, 3.12 or 3.13; this is {}.{}.".format(*sys.version_info[:2]))


def main() -> None:
    """Run a management command; a bad setting ends with one line instead of a traceback."""
    from relmail import launch
    from relmail.environment import BadSetting

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relmail.settings")
    try:
        launch.prepare(sys.argv, os.environ)
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except BadSetting as error:
        sys.exit(f"relmail: {error}")


if __name__ == "__main__":
    main()
